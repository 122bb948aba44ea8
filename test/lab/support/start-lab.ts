import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { WORKERS } from "./workers.ts";

/** vitest's global setup of the lab tests: the lab is up, with a pair of hosts for every worker. It stays up. */
export default function startLab(): void {
  const lab = join(import.meta.dirname, "../../../lab/lab");
  execFileSync(lab, ["up", "--pairs", String(WORKERS)], { stdio: ["ignore", "ignore", "inherit"] });
}
