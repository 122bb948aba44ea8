import type { Session } from "../session.ts";
import { chooseAgents } from "./agents.ts";
import type { ChosenAgent } from "./agents.ts";
import { runInAgent } from "./run-in-agent.ts";
import { toStdout } from "./to-stdout.ts";

export interface OnAgents {
  /** Targets, or repositories; none: all. */
  readonly names: readonly string[];
  readonly of?: "targets" | "repositories";
  readonly host?: string | undefined;
  readonly json?: boolean | undefined;
  /** The command's words in the container, without targets. */
  readonly words: readonly string[];
  /** What follows the targets. */
  readonly after?: readonly string[];
}

/**
 * Runs a command in every agent that it concerns, one after the other; gives the gravest exit status. With `json`,
 * what is about one agent by what was named is that agent's own document; else there is one
 * document with an entry an agent.
 * @throws Failure `agent.*`, `host.*`.
 */
export async function onAgents(session: Session, command: OnAgents): Promise<number> {
  const { names, of = "targets", host = null, json = false, words, after = [] } = command;
  const chosen = chooseAgents(session.topology(), { names, of, host });
  const argvOf = (one: ChosenAgent) => [...words, ...one.names, ...after, ...(json ? ["--json"] : [])];
  const [only] = chosen;
  if (!json || (only !== undefined && (host !== null || (chosen.length === 1 && names.length > 0)))) {
    return await asText(session, chosen, argvOf, json);
  }
  const outputs: unknown[] = [];
  let worst = 0;
  for (const one of chosen) {
    const chunks: Buffer[] = [];
    const onStdout = (chunk: Buffer) => void chunks.push(chunk);
    const exit = await runInAgent(session.hosts, one.node, { argv: argvOf(one), onStdout });
    worst = Math.max(worst, exit);
    outputs.push({ host: one.node.host, exit, output: jsonOrText(Buffer.concat(chunks).toString("utf8")) });
    if (exit > 128) break;
  }
  process.stdout.write(`${JSON.stringify({ format_version: "1", agents: outputs }, null, 2)}\n`);
  return worst;
}

async function asText(
  session: Session,
  chosen: readonly ChosenAgent[],
  argvOf: (one: ChosenAgent) => string[],
  json: boolean,
): Promise<number> {
  let worst = 0;
  for (const [index, one] of chosen.entries()) {
    if (chosen.length > 1 && !json) {
      process.stdout.write(`${index === 0 ? "" : "\n"}${one.node.host}:\n`);
    }
    const exit = await runInAgent(session.hosts, one.node, { argv: argvOf(one), onStdout: toStdout });
    worst = Math.max(worst, exit);
    if (exit > 128) break;
  }
  return worst;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
