import type { Command } from "commander";
import { toolVersions } from "../../../agent/tool-versions.ts";
import { VERSION } from "../../version.ts";
import { agentCommand, print } from "../help.ts";

export function versionCommand(): Command {
  return agentCommand("version", "Print the version of kamal-backup and of every program in the image.", [
    { command: "kamal-backup version", what: "one program a line" },
    { command: "docker run IMAGE version --json", what: "of an image, without a policy" },
  ]).action(async ({ json }: { json?: boolean }) => {
    const versions = { kamal_backup: VERSION, ...(await toolVersions(AbortSignal.timeout(30_000))) };
    const lines = Object.entries(versions).map(
      ([name, version]) => `${name} ${version ?? "is not in the image"}`,
    );
    print(json, versions, lines.join("\n"));
  });
}
