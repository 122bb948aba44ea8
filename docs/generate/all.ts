import { writeFileSync } from "node:fs";
import { commandsPage } from "./commands.ts";
import { errorsPage } from "./errors.ts";
import { policyPage } from "./policy.ts";
import { policyTypes } from "./policy-types.ts";

/** Every generated file with its text, by path from the root of the project. */
export async function generated(): Promise<Readonly<Record<string, string>>> {
  return {
    "docs/commands.md": commandsPage(),
    "docs/errors.md": errorsPage(),
    "docs/policy.md": policyPage(),
    "src/policy/document.generated.ts": await policyTypes(),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generated())) {
    writeFileSync(new URL(`../../${path}`, import.meta.url), text);
  }
}
