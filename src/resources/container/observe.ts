import { absent, present, unknown } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import type { PresentContainer } from "../../model/probe.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { ContainerSpec } from "./desired.ts";

export interface LiveContainer {
  readonly probe: PresentContainer;
  readonly server: LiveServer | null;
}

export interface LiveServer {
  /** 17 of 17.5. */
  readonly major: number;
  readonly data_directory: string;
}

const FACT = "server";
const SQL = `select json_build_object('major', current_setting('server_version_num')::int / 10000,
  'data_directory', current_setting('data_directory'))`;

export function facts({ spec }: Resource<ContainerSpec>): FactRequest[] {
  return [{ accessory: spec.name, facts: [{ name: FACT, sql: SQL }] }];
}

export function observe({ spec }: Resource<ContainerSpec>, evidence: Evidence): Observation<LiveContainer> {
  const probe = evidence.probe(spec.name);
  if (probe.status === "unknown") return unknown(probe.reason);
  if (probe.status === "absent") return absent;
  const answer = probe.facts[FACT];
  const server = answer !== undefined && "json" in answer ? (answer.json as LiveServer) : null;
  return present({ probe, server });
}
