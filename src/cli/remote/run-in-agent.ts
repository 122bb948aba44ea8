import { Failure } from "../../errors.ts";
import { execIn, startProgram } from "../../hosts/container-program.ts";
import type { ContainerProgram } from "../../hosts/container-program.ts";
import type { Hosts } from "../../hosts/hosts.ts";
import type { AgentNode } from "../../model/topology.ts";
import { whileInterruptible } from "./interrupt.ts";
import { progressOn } from "./live-line.ts";

/** What a command of an agent printed goes where its caller wants it. */
export interface AgentRun {
  readonly argv: readonly string[];
  readonly onStdout: (chunk: Buffer) => unknown;
}

/**
 * Runs a command in the host's running agent, with its messages and progress on stderr; gives its exit status, 130 or
 * 143 after a signal. A signal reaches the command in its container.
 * @throws Failure `agent.missing`, `docker.failed`, `host.*`.
 */
export async function runInAgent(
  hosts: Hosts,
  node: AgentNode,
  { argv, onStdout }: AgentRun,
): Promise<number> {
  const env = { KAMAL_BACKUP_PROGRESS: "json" };
  const program = execIn(containerOf(node), ["kamal-backup", ...argv], env);
  return await run(hosts, node, program, onStdout);
}

/** The same with a program that is started otherwise. */
export async function run(
  hosts: Hosts,
  node: AgentNode,
  program: ContainerProgram,
  onStdout: (chunk: Buffer) => unknown,
): Promise<number> {
  const live = progressOn(process.stderr);
  const running = startProgram(hosts, node.host, program, { onStdout, onStderr: live.line });
  const { value, signal } = await whileInterruptible(running.ended, running.interrupt);
  live.settle();
  const { code, started, said } = value;
  if (signal !== null) return signal === "SIGINT" ? 130 : 143;
  if (!started || (!program.announces && code === 125)) throw notStarted(node, said);
  return code;
}

/** As it is on the host, before and after an apply. */
export function containerOf(node: AgentNode): string {
  return (node.declared ?? node.wanted).container;
}

/** docker says why on stderr; 125 is its own status (docs.docker.com/engine/containers/run, Exit status). */
function notStarted(node: AgentNode, said: readonly string[]): Failure {
  const detail = said.join("\n");
  const where = `${containerOf(node)} on host ${node.host}`;
  if (/no such container|is not running|is paused|is restarting/i.test(detail)) {
    return new Failure("agent.missing", `the agent on ${node.host} does not run`, { where, detail });
  }
  return new Failure("docker.failed", "the command could not be started in the agent", { where, detail });
}
