import type { Hosts } from "../../hosts/hosts.ts";
import type { AgentNode } from "../../model/topology.ts";
import { runInAgent } from "./run-in-agent.ts";

/** Which dump of a target, as the agent's `dump` takes it. */
export interface Dump {
  readonly node: AgentNode;
  readonly target: string;
  /** `latest`, a timestamp, or the start of a snapshot's id. */
  readonly selector: string | undefined;
  readonly database: string | undefined;
  readonly plain: boolean;
}

/** Streams a dump from the agent; its exit status: anything but 0 left the dump incomplete. */
export async function fetchDump(
  hosts: Hosts,
  { node, target, selector, database, plain }: Dump,
  write: (chunk: Buffer) => unknown,
): Promise<number> {
  const argv = [
    "dump",
    target,
    ...(selector === undefined ? [] : [selector]),
    ...(database === undefined ? [] : ["--database", database]),
    ...(plain ? ["--plain"] : []),
    "-o",
    "-",
  ];
  return await runInAgent(hosts, node, { argv, onStdout: write });
}
