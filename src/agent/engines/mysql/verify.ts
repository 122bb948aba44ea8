import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import { RowCounter } from "../../../tools/mariadb/row-counter.ts";
import { pipeHead } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";

/** So much of a dump is read back: all of a small one. Reading all of a large one would cost as much as a restore. */
const HEAD_BYTES = 1 << 20;

/**
 * A dump in SQL has no table of contents: its beginning must be there and speak of the tables of the facts; where the
 * beginning is all of it, every row is counted again. Failure `dump.unreadable`.
 */
export async function verifyDump(dump: Producer, facts: Facts, context: AgentContext): Promise<void> {
  const head = { program: "head", argv: ["-c", String(HEAD_BYTES)], env: {} };
  const { from, into } = await pipeHead(dump, head, { signal: context.signal });
  if (into.aborted) throw new Failure("agent.interrupted", `${facts.database} was not verified`);
  const unreadable = (what: string): Failure =>
    new Failure("dump.unreadable", `The dump of ${facts.database} ${what}`, {
      ...(from.stderr === "" ? {} : { detail: context.redact(from.stderr.trim()) }),
    });

  const counter = new RowCounter();
  const text = Buffer.from(into.stdout);
  counter.add(text);
  const found = [...counter.rows()];
  const strange = found.find(([name]) => facts.tables[name] === undefined);
  if (strange !== undefined) throw unreadable(`has a table that it should not have: ${strange[0]}`);
  if (found.length === 0 && Object.keys(facts.tables).length > 0)
    throw unreadable("does not begin with its tables");
  // `head` ends early only where there is no more.
  if (text.length >= HEAD_BYTES) return;
  if (from.exitCode !== 0) throw unreadable("cannot be read from the repository");
  if (!counter.complete()) throw unreadable("is cut off");
  for (const [name, { rows }] of Object.entries(facts.tables)) {
    const got = counter.rows().get(name);
    if (got !== rows) throw unreadable(`has ${got ?? "no"} rows of ${name}, but ${rows} were dumped`);
  }
}
