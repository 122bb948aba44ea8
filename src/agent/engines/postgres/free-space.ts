import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { openMaintenance } from "./access.ts";

/**
 * Free bytes on the disk of the data directory, in which backends run. No SQL says them: the server runs df(1), which
 * only a superuser may have it do. Null where it may not, or has no df.
 */
export async function freeBytes(access: Access, context: AgentContext): Promise<number | null> {
  const session = await openMaintenance(access, [], [], context);
  try {
    const results = await session.script(
      `BEGIN; CREATE TEMPORARY TABLE kamal_backup_df (line text) ON COMMIT DROP;
       COPY pg_temp.kamal_backup_df FROM PROGRAM 'df -Pk .' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');
       SELECT line FROM pg_temp.kamal_backup_df; ROLLBACK`,
    );
    const lines = results.flat() as readonly { readonly line: string }[];
    return freeOf(lines.map(({ line }) => line).join("\n"));
  } catch {
    return null;
  } finally {
    await session.close();
  }
}

/** Free bytes in the output of `df -Pk` (POSIX) for one directory; null for anything else. */
export function freeOf(text: string): number | null {
  const kilobytes = /^.*\s\d+\s+\d+\s+(\d+)\s+\d+%\s.*$/m.exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
