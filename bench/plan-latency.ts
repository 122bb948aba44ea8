/**
 * A no-op `plan` on two hosts beside `kamal accessory details all`, alternating in one run.
 *   node bench/plan-latency.ts DIRECTORY [ROUNDS]
 * DIRECTORY is an app whose policy is applied (bin/demo leaves one): `plan` must exit 0 there.
 */
import { join } from "node:path";
import { measure } from "./process-tree.ts";
import type { Measured } from "./process-tree.ts";

const [cwd, rounds = "15"] = process.argv.slice(2);
if (cwd === undefined) {
  console.error("usage: node bench/plan-latency.ts DIRECTORY [ROUNDS]");
  process.exit(1);
}

const executable = join(import.meta.dirname, "../bin/kamal-backup");
const peers = {
  "kamal accessory details all": ["kamal", "accessory", "details", "all"],
  "kamal-backup plan": [process.execPath, executable, "plan"],
} as const;
type Peer = keyof typeof peers;
const results: Record<Peer, Measured[]> = { "kamal accessory details all": [], "kamal-backup plan": [] };

for (let round = 0; round <= Number(rounds); round++) {
  for (const peer of Object.keys(peers) as Peer[]) {
    const measured = await measure(peers[peer], { cwd, sampleMs: 20 });
    if (measured.code !== 0) throw new Error(`${peer} exited ${measured.code}: is the policy applied?`);
    if (round > 0) results[peer].push(measured); // the first round warms the caches
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

const summary = (Object.keys(peers) as Peer[]).map((peer) => ({
  peer,
  seconds: median(results[peer].map((one) => one.seconds)),
  best: Math.min(...results[peer].map((one) => one.seconds)),
  megabytes: median(results[peer].map((one) => one.peakMegabytes)),
}));
for (const { peer, seconds, best, megabytes } of summary) {
  console.log(
    `${peer.padEnd(28)} median ${seconds.toFixed(2)} s  best ${best.toFixed(2)} s  peak ${megabytes.toFixed(0)} MB`,
  );
}
const [kamal, plan] = summary as [(typeof summary)[0], (typeof summary)[0]];
console.log(
  `ratio of medians ${(plan.seconds / kamal.seconds).toFixed(2)}, of memory ${(plan.megabytes / kamal.megabytes).toFixed(2)}`,
);
