import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../../errors.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import type { AgentContext } from "../context.ts";
import { writeWhole } from "../write-whole.ts";

/**
 * A database that a restore made on a target's server, or a schema in one. Only what is written down here is ever
 * dropped: a name that merely looks like ours may be somebody's.
 */
export interface MadeDatabase {
  readonly name: string;
  /** The database that it was to replace, or that it was before; of a schema: the one that it is in. */
  readonly of: string;
  /** A schema that a restore of one table made, which may not be there; absent: a database. */
  readonly isSchema?: true;
  /**
   * `restored`: not in use, may be dropped at any time. `swapping`: taking the place of `of`, which is to be kept as
   * `keptAs`; interrupted, that has to be brought to its end. `kept`, until somebody says to drop it: what was in
   * production before, or what was restored and refused its place.
   */
  readonly stage: "restored" | "swapping" | "kept";
  /** Of a database being swapped in; null otherwise. */
  readonly keptAs: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** The databases that restores made on a target's server and did not remove again, oldest first. */
export function madeDatabases(
  target: Pick<DatabaseTarget, "name">,
  context: Pick<AgentContext, "stateDirectory">,
): readonly MadeDatabase[] {
  return allMade(target, context).filter(({ isSchema }) => isSchema !== true);
}

/** The same with schemas that restores of tables made in its databases. */
export function allMade(
  target: Pick<DatabaseTarget, "name">,
  context: Pick<AgentContext, "stateDirectory">,
): readonly MadeDatabase[] {
  const path = pathOf(target, context);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as readonly MadeDatabase[];
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Failure("files.unreadable", `${path} cannot be read`, { where: path, cause });
  }
}

/** Writes one down, in the place of an earlier line of that name. It is on the disk when this returns. */
export function noteMade(target: DatabaseTarget, made: MadeDatabase, context: AgentContext): void {
  const others = allMade(target, context).filter(({ name }) => name !== made.name);
  write(target, [...others, made], context);
}

/** Strikes out those names. */
export function strikeMade(target: DatabaseTarget, names: readonly string[], context: AgentContext): void {
  write(
    target,
    allMade(target, context).filter(({ name }) => !names.includes(name)),
    context,
  );
}

function write(target: DatabaseTarget, made: readonly MadeDatabase[], context: AgentContext): void {
  const path = pathOf(target, context);
  if (made.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeWhole(path, `${JSON.stringify(made, null, 2)}\n`);
}

function pathOf(
  target: Pick<DatabaseTarget, "name">,
  { stateDirectory }: Pick<AgentContext, "stateDirectory">,
): string {
  return join(stateDirectory, "restores", `${target.name}.json`);
}
