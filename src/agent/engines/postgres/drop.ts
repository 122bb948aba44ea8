import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { openMaintenance, versionOf } from "./access.ts";

/** Drops a database and the sessions in it, also after the work was told to stop; absent is fine. */
export async function dropDatabase(access: Access, name: string, context: AgentContext): Promise<void> {
  const session = await openMaintenance(access, [], [name], {
    ...context,
    signal: new AbortController().signal,
  });
  try {
    const there = await session.rows<{ template: boolean }>(
      "SELECT datistemplate AS template FROM pg_catalog.pg_database WHERE datname = $1",
      [name],
    );
    if (there.length === 0) return;
    const quoted = quoteIdentifier(name);
    if (there[0]?.template === true) await session.script(`ALTER DATABASE ${quoted} IS_TEMPLATE false`);
    const { major } = await versionOf(session);
    if (major < 13)
      await session.rows(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1",
        [name],
      );
    await session.script(`DROP DATABASE ${quoted}${major < 13 ? "" : " WITH (FORCE)"}`);
  } finally {
    await session.close();
  }
}
