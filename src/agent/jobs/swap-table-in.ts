import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { TableSwap, TableSwapped } from "../engines/engine.ts";
import { noteMade, strikeMade } from "./made-databases.ts";
import type { Restore } from "./restore-subject.ts";

/**
 * Puts a restored table in its place. Both schemas are written down before they are made, so that a kill leaves none
 * that nobody removes: a table that is refused its place stays beside until somebody says to drop it, and else what is
 * beside is a leftover.
 * @throws Failure `restore.table-refused`
 */
export async function swapTableIn(
  { target, server, began }: Restore,
  swap: TableSwap,
  context: AgentContext,
): Promise<TableSwapped> {
  const { database, table, beside, keptIn } = swap;
  const there = async (): Promise<string[]> =>
    ((await server.schemas?.(database)) ?? []).filter((name) => name === beside || name === keptIn);
  const [taken] = await there();
  if (taken !== undefined)
    throw new Failure("restore.failed", `${table} needs the schema ${taken}, which ${database} has already`);
  const schema = { of: database, isSchema: true, keptAs: null, at: began.toISOString() } as const;
  noteMade(target, { ...schema, name: beside, stage: "restored" }, context);
  noteMade(target, { ...schema, name: keptIn, stage: "kept" }, context);
  try {
    if (server.swapTable === undefined) throw new Failure("internal.bug", `${target.name} swaps no tables`);
    return await server.swapTable(swap);
  } catch (error) {
    if (error instanceof Failure && error.code === "restore.table-refused")
      noteMade(target, { ...schema, name: beside, stage: "kept" }, context);
    throw error;
  } finally {
    // Where the server does not answer now, they stay written down: to drop what is absent is fine.
    await there().then(
      (left) =>
        strikeMade(
          target,
          [beside, keptIn].filter((name) => !left.includes(name)),
          context,
        ),
      () => {},
    );
  }
}
