import { parse, stringify } from "yaml";
import { parseConfig } from "../../../src/kamal/config.ts";
import type { KamalConfig } from "../../../src/kamal/types.ts";
import type { Written } from "./case.ts";
import { merge } from "./merge.ts";

/** What `kamal config` would resolve. ERB of these texts is `<%= "literal" %>`, or prints nothing. */
export function kamalConfig({ deploy, destination }: Pick<Written, "deploy" | "destination">): KamalConfig {
  const texts = [deploy, ...(destination === null ? [] : [destination.deploy])];
  const merged = texts
    .map((text) => parse(rendered(text), { version: "1.1" }) as unknown)
    .reduce(merge) as Deploy;
  const output = [
    "---",
    `:service_with_version: ${merged.service}-test`,
    ":version: test",
    `:primary_host: ${merged.servers[0]}`,
    stringify({ ":accessories": merged.accessories }),
  ].join("\n");
  return parseConfig(output, { cwd: "/app", destination: destination?.name ?? null, texts });
}

interface Deploy {
  readonly service: string;
  readonly servers: readonly string[];
  readonly accessories: unknown;
}

function rendered(text: string): string {
  return text.replaceAll(/<%=\s*"([^"]*)"\s*%>/g, "$1").replaceAll(/<%[^%]*%>/g, "");
}
