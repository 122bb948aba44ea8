import { posix } from "node:path";
import type { KamalConfig } from "../kamal/types.ts";
import type { AgentTarget } from "../model/agent-policy.ts";
import type { DatabasePolicy, FilesPolicy, Policy, Protection, SqlitePolicy } from "../model/policy.ts";
import { connectionTo } from "./agent-login.ts";
import { declaredAccessory, onlyHost } from "./declared.ts";

/** Something to back up, and what an agent needs for it. */
export interface Place {
  readonly host: string;
  readonly target: AgentTarget;
  /** As `docker run --volume` takes them. */
  readonly volumes: readonly string[];
  /** The accessory that the database is, and its docker network; null: it is in files of the host. */
  readonly server: { readonly accessory: string; readonly engine: string; readonly network: string } | null;
}

/**
 * Everything that the policy backs up, with where: databases, then files.
 * @throws Failure `topology.*`.
 */
export function places(policy: Policy, config: KamalConfig): Place[] {
  return [
    ...policy.databases.flatMap((database) => serverPlace(database, config) ?? []),
    ...policy.sqlite.flatMap((database) => sqlitePlace(database) ?? []),
    ...policy.files.map(filesPlace),
  ].sort((a, b) => rank(a) - rank(b) || (a.target.name < b.target.name ? -1 : 1));
}

function rank({ target }: Place): number {
  return target.type === "files" ? 1 : 0;
}

function serverPlace(database: DatabasePolicy, config: KamalConfig): Place | null {
  const asked = protection(database);
  if (asked === null) return null;
  const { name, engine } = database;
  const accessory = declaredAccessory(config, name);
  return {
    host: onlyHost(accessory),
    target: { type: "server", name, engine, connection: connectionTo(accessory, engine), ...asked },
    volumes: [],
    server: { accessory: name, engine, network: accessory.network },
  };
}

/** The directory is writable: SQLite's readers of a database in WAL mode write beside it (sqlite.org/wal.html). */
function sqlitePlace(database: SqlitePolicy): Place | null {
  const asked = protection(database);
  if (asked === null) return null;
  const { name, host } = database;
  const { dir, base } = posix.parse(database.path);
  const mount = `/backup/${name}`;
  return {
    host,
    target: { type: "sqlite", name, path: `${mount}/${base}`, ...asked },
    volumes: [`${dir}:${mount}`],
    server: null,
  };
}

/** Read-only: a restore has a container of its own, which may write. */
function filesPlace({ name, host, paths, backup }: FilesPolicy): Place {
  const inContainer = (label: string) => `/backup/${name}/${label}`;
  return {
    host,
    target: {
      type: "files",
      name,
      paths: Object.fromEntries(Object.keys(paths).map((label) => [label, inContainer(label)])),
      backup,
    },
    volumes: Object.entries(paths).map(([label, path]) => `${path}:${inContainer(label)}:ro`),
    server: null,
  };
}

/** Null for a database that is not backed up. */
function protection({ backup, objectives, drill }: Protection) {
  return backup === null ? null : { backup, objectives, drill };
}
