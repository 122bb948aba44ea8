import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import { databaseName } from "../engines/sqlite/place.ts";
import type { Run, Snapshot } from "../repository/snapshot.ts";

/**
 * The application's database; null where nothing says which that is. PostgreSQL's images name it after the user unless
 * told (docker-library/postgres, POSTGRES_DB).
 */
export function applicationDatabase(target: DatabaseTarget, context: AgentContext): string | null {
  if (target.type === "sqlite") return databaseName(target.path);
  const { database, user } = target.connection;
  if (database !== null) return context.reveal(database);
  return target.engine === "postgres" ? context.reveal(user) : null;
}

/**
 * Which of a run's databases is meant: the one asked for, or the application's, or the only one.
 * @param asked null: none was named.
 * @throws Failure `restore.no-such-database`
 */
export function chooseDatabase(
  names: readonly string[],
  asked: string | null,
  application: string | null,
): string {
  const all = names.join(", ") || "none";
  if (asked !== null) {
    if (names.includes(asked)) return asked;
    throw new Failure("restore.no-such-database", `the backup has no database ${asked}; it has: ${all}`);
  }
  if (application !== null && names.includes(application)) return application;
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new Failure("restore.no-such-database", `which database is meant? The backup has: ${all}`);
}

/**
 * The dumps of a run by the names of their databases. The gem did not write those down (its `database:` tag is what its
 * own configuration calls it, `app` unless told): its dump is of the database asked for, or of the application's.
 * @throws Failure `restore.no-such-database` where nobody says which that is
 */
export function dumpsOf(
  run: Run,
  target: DatabaseTarget,
  asked: string | null,
  context: AgentContext,
): ReadonlyMap<string, Snapshot> {
  const dumps = run.snapshots.filter(({ type }) => type === "database");
  if (run.madeBy === "kamal-backup")
    return new Map(dumps.map((snapshot) => [snapshot.database ?? "", snapshot]));
  const name = asked ?? applicationDatabase(target, context);
  if (name !== null) return new Map(dumps.map((snapshot) => [name, snapshot]));
  throw new Failure("restore.no-such-database", "the gem did not record of which database its backup is", {
    todo: "Name it with --database.",
  });
}
