/**
 * Backups and restores beside the ways that people have today, in one run: peers take turns after every simulated day.
 *   node bench/backup/run.ts DIRECTORY [--scale 1] [--days 10] [--shape spread|recent] [--gem DIR] [--restic FILE]
 * DIRECTORY must not exist; it gets the database, the repositories and the agent's state, and is left for a look.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startCluster } from "./cluster.ts";
import { idleMegabytes } from "./idle.ts";
import { peersOf } from "./peers.ts";
import type { Peer } from "./peers.ts";
import { restores } from "./restores.ts";
import { storedBytes } from "./stored.ts";
import { timed } from "./timed.ts";
import type { Timed } from "./timed.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: "string", default: "1" },
    days: { type: "string", default: "10" },
    shape: { type: "string", default: "spread" },
    gem: { type: "string" },
    restic: { type: "string", default: "restic" },
  },
});
const [target] = positionals;
if (target === undefined) {
  console.error(
    "usage: node bench/backup/run.ts DIRECTORY [--scale 1] [--days 10] [--shape spread|recent] ...",
  );
  process.exit(1);
}
const directory = resolve(target);
mkdirSync(directory);
const cluster = startCluster(join(directory, "postgres"));
try {
  const root = join(import.meta.dirname, "../..");
  const programs = {
    node: process.execPath,
    agent: join(root, "dist/agent/main.js"),
    restic: values.restic,
    gem: values.gem === undefined ? null : resolve(values.gem),
  };
  cluster.file(join(import.meta.dirname, "workload.sql"), { scale: values.scale });
  for (const name of ["store", "work", "scratch"]) mkdirSync(join(directory, name));
  const peers = peersOf(directory, cluster, programs);
  const cwd = join(directory, "work");
  for (const { prepare, env } of peers) if (prepare !== null) await timed(prepare, { cwd, env });
  const size = Number(cluster.sql("select pg_database_size('app')"));
  console.log(
    `database ${megabytes(size)} MB, Postgres ${cluster.sql("show server_version")}, ${values.shape}`,
  );

  const taken = new Map<Peer, Timed[]>(peers.map((peer) => [peer, []]));
  const stored = new Map<Peer, number[]>(peers.map((peer) => [peer, []]));
  for (let day = 0; day <= Number(values.days); day++) {
    if (day > 0) cluster.sql(`call bench.day(${day}, '${values.shape}')`);
    cluster.sql("checkpoint");
    for (let turn = 0; turn < peers.length; turn++) {
      const peer = peers[(turn + day) % peers.length] as Peer;
      taken.get(peer)?.push(await timed(peer.backup, { cwd, env: peer.env }));
      stored.get(peer)?.push(storedBytes(peer.store));
    }
    console.log(
      `day ${day}: ${peers.map((peer) => `${peer.name} ${last(taken, peer).seconds.toFixed(1)} s`).join(", ")}`,
    );
  }
  console.log(
    "\n| peer | wall, median | CPU, median | peak memory | first backup stored | stored after all days |",
  );
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const peer of peers) {
    const runs = taken.get(peer) as Timed[];
    const bytes = stored.get(peer) as number[];
    const cells = [
      `${median(runs.map((run) => run.seconds)).toFixed(1)} s`,
      `${median(runs.map((run) => run.cpuSeconds)).toFixed(1)} s`,
      `${Math.max(...runs.map((run) => run.peakMegabytes)).toFixed(0)} MB`,
      `${megabytes(bytes[0] as number)} MB`,
      `${megabytes(bytes.at(-1) as number)} MB`,
    ];
    console.log(`| ${[peer.name, ...cells].join(" | ")} |`);
  }
  console.log("\n| restore to a usable database | wall |\n| --- | --- |");
  for await (const { name, seconds } of restores(cluster, peers, programs, directory)) {
    console.log(`| ${name} | ${seconds.toFixed(1)} s |`);
  }
  console.log(`\nagent idle: ${(await idleMegabytes(peers[0] as Peer, programs, cwd)).toFixed(0)} MB`);
} finally {
  cluster.stop();
}

function last(taken: ReadonlyMap<Peer, Timed[]>, peer: Peer): Timed {
  return taken.get(peer)?.at(-1) as Timed;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
