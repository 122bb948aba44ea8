import { Failure } from "../../errors.ts";
import { redact } from "../../hosts/redact.ts";
import { LineReader } from "../../hosts/line-reader.ts";
import { maskedValues } from "./masked-values.ts";
import type { Session } from "../session.ts";
import { chooseAgents } from "./agents.ts";
import { whileInterruptible } from "./interrupt.ts";
import { containerOf } from "./run-in-agent.ts";

export interface LogRequest {
  readonly host: string | null;
  readonly follow: boolean;
  readonly lines: number;
}

/**
 * Prints an agent's log, stdout and stderr in the order in which they came, without secrets; gives the exit status.
 * @throws Failure `agent.missing`, `cli.usage` where there are several, `docker.failed`, `host.*`.
 */
export async function agentLog(session: Session, { host, follow, lines }: LogRequest): Promise<number> {
  const [one, ...others] = chooseAgents(session.topology(), { names: [], of: "targets", host });
  if (one === undefined || others.length > 0) {
    const hosts = session.topology().agents.map((agent) => agent.host);
    throw new Failure("cli.usage", "there are several agents: name one with --host", {
      detail: hosts.join("\n"),
    });
  }
  const { node } = one;
  const hidden = maskedValues(session.secrets);
  const reader = new LineReader((line) => void process.stdout.write(`${redact(line, hidden)}\n`));
  const argv = ["logs", "--tail", String(lines), ...(follow ? ["--follow"] : []), containerOf(node)];
  const stop = new AbortController();
  const read = session.hosts
    .exec(node.host, ["sh", "-c", 'exec docker "$@" 2>&1', "sh", ...argv], {
      signal: stop.signal,
      onStdout: (chunk) => reader.read(chunk),
    })
    .then(({ code }) => code)
    .catch((error: unknown) => {
      if (error instanceof Failure && error.code === "host.interrupted") return 0;
      throw error;
    });
  const { value: code, signal } = await whileInterruptible(read, () => stop.abort());
  reader.end();
  if (signal !== null) return signal === "SIGINT" ? 130 : 143;
  if (code === 0) return 0;
  throw new Failure("agent.missing", `the agent on ${node.host} has no log`, {
    where: `${containerOf(node)} on host ${node.host}`,
  });
}
