import { Failure } from "../errors.ts";
import type { Hosts } from "./hosts.ts";
import { shellCommand } from "./quote.ts";
import { redact } from "./redact.ts";

export interface DockerOptions {
  /** Where a secret may go. */
  readonly stdin?: string | Buffer;
  /** Values that docker's own messages must not show, by the name to show instead. */
  readonly hidden?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
}

const STDERR_LINES = 20;

/** Runs docker on a host and returns its stdout. Throws `docker.failed` with what it said, and `host.*`. */
export async function runDocker(
  hosts: Hosts,
  host: string,
  argv: readonly string[],
  options: DockerOptions = {},
): Promise<string> {
  const { hidden = {}, ...execOptions } = options;
  const command = ["docker", ...argv];
  const { code, stdout, stderr } = await hosts.exec(host, command, execOptions);
  if (code === 0) return stdout;
  const said = redact(stderr.trim(), hidden).split("\n").slice(-STDERR_LINES).join("\n");
  throw new Failure("docker.failed", `${redact(shellCommand(command), hidden)} exited with ${code}`, {
    where: `host ${host}`,
    ...(said === "" ? {} : { detail: said }),
  });
}

/** The last lines of a container's log, stdout and stderr in the order in which they came. Throws `docker.failed`. */
export async function containerLogTail(
  hosts: Hosts,
  host: string,
  container: string,
  lines: number,
): Promise<string> {
  const logs = shellCommand(["docker", "logs", "--tail", String(lines), container]);
  const { code, stdout } = await hosts.exec(host, ["sh", "-c", `exec ${logs} 2>&1`], { timeoutSeconds: 20 });
  if (code === 0) return stdout;
  throw new Failure("docker.failed", `${logs} exited with ${code}`, {
    where: `host ${host}`,
    detail: stdout.trim(),
  });
}
