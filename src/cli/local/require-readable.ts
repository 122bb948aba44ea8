import { Failure } from "../../errors.ts";
import { readArchiveHead } from "./archive-head.ts";

/**
 * Asks pg_restore for a dump's table of contents: nothing is made or dropped for one that it cannot read.
 * @param pgRestore runs it with these arguments.
 * @throws Failure `local.client-too-old`, and what `pgRestore` throws.
 */
export async function requireReadable(
  file: string,
  pgRestore: (argv: readonly string[]) => Promise<string>,
): Promise<void> {
  try {
    await pgRestore(["--list", file]);
  } catch (error) {
    if (!(error instanceof Failure) || !/unsupported version/.test(error.detail ?? "")) throw error;
    const head = readArchiveHead(file);
    const here = numberIn(await pgRestore(["--version"]));
    const theirs =
      head === null
        ? "a newer PostgreSQL"
        : `PostgreSQL ${numberIn(head.server)}, by pg_dump ${numberIn(head.dumpedBy)}`;
    const major = head === null ? "NN" : numberIn(head.dumpedBy).split(".")[0];
    throw new Failure("local.client-too-old", `pg_restore here is ${here}, and the dump is of ${theirs}`, {
      todo: `Nothing was changed. Install postgresql-client-${major}, so that this shell finds its pg_restore; or take the backup as SQL, which psql loads: kamal-backup dump TARGET --plain -o FILE.`,
      detail: error.detail ?? "",
    });
  }
}

/** `17.2` of `17.2 (Debian 17.2-1.pgdg12+1)`, `18beta1` of `pg_restore (PostgreSQL) 18beta1`. */
function numberIn(version: string): string {
  return /\d[\w.]*/.exec(version)?.[0] ?? version;
}
