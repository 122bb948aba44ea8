import type { DatabaseTarget, Engine } from "./engine.ts";
import { mysql } from "./mysql/index.ts";
import { postgres } from "./postgres/index.ts";
import { sqlite } from "./sqlite/index.ts";

/** The engine that takes care of a target. */
export function engineOf(target: DatabaseTarget): Engine {
  if (target.type === "sqlite") return sqlite;
  return target.engine === "postgres" ? postgres : mysql;
}
