import { mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import { HEADER_BYTES, sizeByHeader } from "../../../tools/sqlite/header.ts";
import { pipeHead } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import { checkIntegrity, readFacts } from "./facts.ts";

/** So much of a dump is read back: all of most databases. */
const HEAD_BYTES = 64 * 1024 * 1024;

/**
 * A dump that is read back says that it is a database of the recorded size; one up to 64 MiB is opened, checked and
 * counted again. Failure `dump.unreadable`.
 */
export async function verifyDump(dump: Producer, facts: Facts, context: AgentContext): Promise<void> {
  const directory = join(context.scratchDirectory, `sqlite-${context.randomHex(6)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const file = join(directory, "read-back.sqlite3");
    const head = { program: "head", argv: ["-c", String(HEAD_BYTES)], env: {} };
    const { from, into } = await pipeHead(dump, head, { signal: context.signal, stdoutToFile: file });
    if (into.aborted) throw new Failure("agent.interrupted", `${facts.database} was not verified`);
    const unreadable = (what: string): Failure =>
      new Failure("dump.unreadable", `The dump of ${facts.database} ${what}`, {
        ...(from.stderr === "" ? {} : { detail: context.redact(from.stderr.trim()) }),
      });
    const { size } = await stat(file);
    const whole = size < HEAD_BYTES;
    if (whole && from.exitCode !== 0) throw unreadable("cannot be read from the repository");
    if (whole && size !== facts.size_bytes) throw unreadable(`has ${size} bytes, not ${facts.size_bytes}`);
    if (size > 0 && (await headerSize(file)) !== facts.size_bytes)
      throw unreadable("is no database of the recorded size");
    if (!whole) return;
    await checkIntegrity(file, `The dump of ${facts.database}`, context);
    const again = await readFacts(facts.database, file, context);
    if (JSON.stringify(again.tables) !== JSON.stringify(facts.tables))
      throw unreadable("has other rows than were recorded");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function headerSize(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return sizeByHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
