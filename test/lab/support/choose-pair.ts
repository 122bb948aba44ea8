import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Runs before every test file: the environment names the hosts of the worker (vitest numbers its workers from 1). */
process.env["LAB_PAIR"] = process.env["VITEST_POOL_ID"];
const lab = join(import.meta.dirname, "../../../lab/lab");
for (const line of execFileSync(lab, ["env"], { encoding: "utf8" }).split("\n")) {
  const [, name, value] = /^export (\w+)='?([^']*)'?$/.exec(line) ?? [];
  if (name !== undefined) process.env[name] = value;
}
