import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import type { Peer, Programs } from "./peers.ts";
import { timed } from "./timed.ts";

const ROUNDS = 3;
/** As many as this machine has cores in the measurements of bench/README.md. */
const JOBS = 2;

/** The median of some rounds in which the ways take turns. */
export async function* restores(
  cluster: Cluster,
  peers: readonly Peer[],
  programs: Programs,
  directory: string,
): AsyncGenerator<{ readonly name: string; readonly seconds: number }> {
  const [ours] = peers;
  const pipe = peers.find((peer) => peer.name === "pipe-Z0");
  const file = peers.find((peer) => peer.name === "pg_dump to a file");
  if (ours === undefined || pipe === undefined || file === undefined) throw new Error("a peer is missing");
  const cwd = join(directory, "work");
  const latest = `$(ls -t ${file.store}/*.dump | head -1)`;
  const dropped = "dropdb --if-exists fresh && createdb fresh";
  const ways = [
    {
      name: "kamal-backup restore production (restore beside, compare, swap)",
      line: `${programs.node} ${programs.agent} restore production db latest --confirm app`,
      env: ours.env,
      before: "true",
    },
    {
      name: `pg_restore -j${JOBS} of a local dump`,
      line: `pg_restore -j${JOBS} -d fresh ${latest} && psql -qX -d fresh -c analyze`,
      env: file.env,
      before: dropped,
    },
    {
      name: `restic dump to a file, pg_restore -j${JOBS}`,
      line: `${programs.restic} dump --quiet latest app.pgdump > dump && pg_restore -j${JOBS} -d fresh dump && psql -qX -d fresh -c analyze`,
      env: pipe.env,
      before: dropped,
    },
  ];
  const seconds = new Map<string, number[]>(ways.map((way) => [way.name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, line, env, before } of ways) {
      await timed(before, { cwd, env });
      cluster.sql("checkpoint");
      seconds.get(name)?.push((await timed(line, { cwd, env })).seconds);
      for (const kept of cluster
        .sql("select datname from pg_database where datname like 'app\\_before%'")
        .split("\n")) {
        if (kept !== "") cluster.sql(`drop database "${kept}"`);
      }
    }
  }
  for (const [name, all] of seconds) {
    yield { name, seconds: all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] as number };
  }
}
