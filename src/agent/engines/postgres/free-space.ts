import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import type { Disk } from "../../disk.ts";
import { openMaintenance } from "./access.ts";

/**
 * The disk of the data directory, in which backends run. No SQL says it: the server runs df(1), which
 * only a superuser may have it do. Null where it may not, or has no df.
 */
export async function diskOf(access: Access, context: AgentContext): Promise<Disk | null> {
  const session = await openMaintenance(access, [], [], context);
  try {
    const results = await session.script(
      `BEGIN; CREATE TEMPORARY TABLE kamal_backup_df (line text) ON COMMIT DROP;
       COPY pg_temp.kamal_backup_df FROM PROGRAM 'df -Pk .' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');
       SELECT line FROM pg_temp.kamal_backup_df; ROLLBACK`,
    );
    const lines = results.flat() as readonly { readonly line: string }[];
    return readDf(lines.map(({ line }) => line).join("\n"));
  } catch {
    return null;
  } finally {
    await session.close();
  }
}

/** The output of `df -Pk` (POSIX) for one directory; null for anything else. */
export function readDf(text: string): Disk | null {
  const [, total, free] = /^.*\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s.*$/m.exec(text) ?? [];
  if (total === undefined || free === undefined) return null;
  return { free: Number(free) * 1024, total: Number(total) * 1024 };
}
