import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import { pgRestoreList } from "../../../tools/postgres/argv.ts";
import { findPrograms } from "../../../tools/postgres/programs.ts";
import { asListed, parseToc, tablesWithData } from "../../../tools/postgres/toc.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import { readHead } from "./archive.ts";

/** How many missing tables are named. */
const NAMED = 10;

/** See `Engine.verifyDump`. Reads the head of the dump only, where its table of contents is. */
export async function verifyDump(dump: Producer, facts: Facts, context: AgentContext): Promise<void> {
  const programs = await findPrograms(context.signal);
  const list = await readHead({ dump, file: null }, (file) => pgRestoreList(programs, file), context);
  const present = tablesWithData(parseToc(list));
  const missing = Object.keys(facts.tables).filter((table) => !present.has(asListed(table)));
  if (missing.length === 0) return;
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : "";
  throw new Failure(
    "dump.unreadable",
    `the dump of ${facts.database} lacks the data of ${missing.slice(0, NAMED).join(", ")}${more}`,
  );
}
