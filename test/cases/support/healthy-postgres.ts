import { createHash } from "node:crypto";
import type { FactAnswer, PresentContainer } from "../../../src/model/probe.ts";
import { scramVerifier } from "../../../src/model/scram.ts";
import type { DatabaseNode, ReplicaNode } from "../../../src/model/topology.ts";
import { parseHba, renderHba } from "../../../src/resources/hba/block.ts";
import type { HbaFile } from "../../../src/resources/hba/block.ts";
import { revealLine } from "../../../src/resources/hba/redact.ts";
import { renderRule } from "../../../src/resources/hba/rule.ts";
import type { World } from "../../../src/resources/kind.ts";
import { support } from "./case.ts";
import { settingRow } from "./pg-settings.ts";

const SYSTEM = "7423456789012345678";
const SEGMENT = 16 * 1024 ** 2;
/** Soon after its container was started. */
const STREAMS_SINCE = Date.parse("2026-01-01T00:00:09Z") / 1000;
const SALT = Buffer.from("0123456789abcdef");

/** What the primary's Postgres answers, in the forms in which psql gave them; `set up` is after an apply. */
export function primaryFact(
  name: string,
  node: DatabaseNode,
  world: World,
  setUp: boolean,
  probe: PresentContainer,
): FactAnswer {
  const flags = flagsOf(probe);
  if (name === "server")
    return { json: { major: 17, data_directory: dataDirectory(probe), in_recovery: false, system: SYSTEM } };
  if (name === "replication_role") return { json: setUp ? role(node, world) : null };
  if (name === "pg_hba") return { json: hba(node, world, setUp) };
  if (name === "slots") return { json: setUp ? node.replicas.map(slot) : [] };
  if (name.startsWith("setting ")) return { json: settingRow(name.slice("setting ".length), flags) };
  const replica = node.replicas.find((each) => name === `primary of ${each.name}`);
  const stream = setUp && replica !== undefined ? { state: "streaming", lag_seconds: 0.001 } : null;
  if (!name.startsWith("primary of ")) throw new Error(`the healthy primary knows no fact ${name}`);
  const holder = stream === null ? null : { address: "10.0.1.3", since: STREAMS_SINCE };
  const end = { system: SYSTEM, timeline: 1, stream, holder, slot_lost: false, oldest_wal: 3 * SEGMENT };
  return { json: { ...end, parameters: parameters(flags) } };
}

export function standbyFact(name: string, node: ReplicaNode, probe: PresentContainer): FactAnswer {
  if (name === "server")
    return { json: { major: 17, data_directory: dataDirectory(probe), in_recovery: true, system: SYSTEM } };
  if (name !== "standby") throw new Error(`the healthy standby knows no fact ${name}`);
  const receiver = { status: "streaming", slot: node.slot };
  const position = { timeline: 1, needs_wal: 5 * SEGMENT + 8192 };
  const end = { in_recovery: true, system: SYSTEM, ...position, receiver, pause: "not paused" };
  return { json: { ...end, parameters: parameters(flagsOf(probe)) } };
}

function role(node: DatabaseNode, world: World): unknown {
  if (node.replication === null) return null;
  const verifier = scramVerifier(world.reveal(node.replication.password), SALT, 4096);
  const hash = createHash("sha256").update(verifier).digest("hex").slice(0, 16);
  const attributes = { superuser: false, login: true, replication: true, expired: false };
  return { ...attributes, verifier, verifier_hash: hash, comment: `kamal-backup verifier=${hash}` };
}

function hba(node: DatabaseNode, world: World, setUp: boolean): unknown {
  const fresh = support("pg_hba.conf");
  const rules = node.hba.map((rule) => revealLine(renderRule(rule), world));
  const text = setUp && rules.length > 0 ? renderHba(parseHba(fresh) as HbaFile, rules) : fresh;
  const path = "/var/lib/postgresql/data/pg_hba.conf";
  return { path, text, sha256: "", errors: [], unfinished: false, unloaded: false };
}

function slot(replica: ReplicaNode): unknown {
  return { name: replica.slot, type: "physical", active: true, wal_status: "reserved", held: 4096 };
}

function dataDirectory(probe: PresentContainer): string {
  const line = probe.container.Config.Env?.find((entry) => entry.startsWith("PGDATA=")) as string;
  return line.slice("PGDATA=".length);
}

function flagsOf(probe: PresentContainer): Record<string, string> {
  const argv = probe.container.Config.Cmd ?? [];
  const pairs = argv.filter((_, index) => argv[index - 1] === "-c").map((pair) => pair.split("=", 2));
  return Object.fromEntries(pairs);
}

/** Postgres' defaults, and the flags. */
function parameters(flags: Readonly<Record<string, string>>): Record<string, number> {
  const names = {
    max_connections: 100,
    max_locks_per_transaction: 64,
    max_prepared_transactions: 0,
    max_wal_senders: 10,
    max_worker_processes: 8,
  };
  return Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, Number(flags[name] ?? value)]),
  );
}
