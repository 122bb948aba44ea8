import { spawn } from "node:child_process";
import { takeLock } from "../../../src/agent/target-lock/target-lock.ts";

// A process of its own: hold-a-lock.ts STATE [hand]. Takes the lock of db, says so, and works until it is killed; what it
// started outlives it for a while.
const [, , state = "", by] = process.argv;
await takeLock(state, {
  job: "backup",
  target: "db",
  repository: "offsite",
  trigger: by === "hand" ? { by } : { by: "schedule", slot: "2026-03-01T01:15:00.000Z" },
  since: "2026-03-01T01:15:01.000Z",
});
spawn("sleep", ["5"], { detached: true, stdio: "ignore" });
process.stdout.write("held\n");
setInterval(() => {}, 1000);
