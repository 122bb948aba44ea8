import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** vitest's global setup of the lab tests: the lab is up, and every test's environment says where. It stays up. */
export default function startLab(): void {
  const lab = join(import.meta.dirname, "../../../lab/lab");
  execFileSync(lab, ["up"], { stdio: ["ignore", "ignore", "inherit"] });
  for (const line of execFileSync(lab, ["env"], { encoding: "utf8" }).split("\n")) {
    const [, name, value] = /^export (\w+)='?([^']*)'?$/.exec(line) ?? [];
    if (name !== undefined) process.env[name] = value;
  }
}
