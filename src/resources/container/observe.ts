import { absent, present, unknown } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import type { ContainerProbe, PresentContainer } from "../../model/probe.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { ContainerSpec } from "./desired.ts";

export type LiveContainer = SeenContainer | Fenced;

export interface SeenContainer {
  readonly probe: PresentContainer;
  readonly server: LiveServer | null;
}

/** A primary that does not run while replicas of its answer as primaries of their own: somebody failed over. */
export interface Fenced {
  readonly promoted: readonly string[];
}

export interface LiveServer {
  /** 17 of 17.5. */
  readonly major: number;
  readonly data_directory: string;
  readonly in_recovery: boolean;
  /** Which cluster it is: its system identifier. Null of a server that was not asked. */
  readonly system: string | null;
}

const FACT = "server";
const SQL = `select json_build_object('major', current_setting('server_version_num')::int / 10000,
  'data_directory', current_setting('data_directory'), 'in_recovery', pg_is_in_recovery(),
  'system', (select system_identifier::text from pg_control_system()))`;

export function facts({ spec }: Resource<ContainerSpec>): FactRequest[] {
  return spec.role === "agent" ? [] : [{ accessory: spec.name, facts: [{ name: FACT, sql: SQL }] }];
}

export function observe({ spec }: Resource<ContainerSpec>, evidence: Evidence): Observation<LiveContainer> {
  const probe = evidence.probe(spec.name);
  if (probe.status === "unknown") return unknown(probe.reason);
  if (probe.status === "absent" || isHalted(probe)) {
    const promoted = spec.replicas.filter((name) => serverOf(evidence.probe(name))?.in_recovery === false);
    if (promoted.length > 0) return present({ promoted });
    for (const name of spec.replicas) {
      const why = whyUntold(evidence.probe(name));
      if (why === null) continue;
      return unknown(`${spec.name} does not run, and it cannot be told whether ${name} was promoted: ${why}`);
    }
  }
  if (probe.status === "absent") return absent;
  return present({ probe, server: serverOf(probe) });
}

/** Docker says of a paused container that it is running. */
function isHalted({ container: { State } }: PresentContainer): boolean {
  return !State.Running || State.Status === "paused";
}

function serverOf(probe: ContainerProbe): LiveServer | null {
  const answer = probe.status === "present" ? probe.facts[FACT] : undefined;
  return answer !== undefined && "json" in answer ? (answer.json as LiveServer) : null;
}

/** Why it cannot be told whether a replica is a primary now; null where that is known, or nobody serves anything there. */
function whyUntold(probe: ContainerProbe): string | null {
  if (probe.status === "unknown") return probe.reason;
  if (probe.status === "absent" || isHalted(probe) || serverOf(probe) !== null) return null;
  return nobodyListens(probe) ? null : whyNoServer(probe) || "its server was not asked";
}

/** What was said instead of an answer of the server; empty where it answered, or was not asked. */
export function whyNoServer({ facts }: PresentContainer): string {
  const answer = facts[FACT];
  return answer !== undefined && "error" in answer ? answer.error : "";
}

/**
 * What psql and docker say where no server listens, as while a replica waits for its first clone: unlike of one that
 * refuses, also with an error about a file of its own.
 */
const NOBODY_LISTENS =
  /(failed|to server): (No such file or directory|Connection refused)|is restarting|is not running/;

/** Whether a container that runs has no server in it that anybody could talk to. */
export function nobodyListens(probe: PresentContainer): boolean {
  return NOBODY_LISTENS.test(whyNoServer(probe));
}
