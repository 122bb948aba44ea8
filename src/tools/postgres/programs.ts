import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import { runTool } from "../run.ts";

/** The programs of one major version, client and, where installed, server. */
export interface Programs {
  readonly major: number;
  /** Absolute path of a program, or its bare name where it is found on PATH. */
  path(name: ProgramName): string;
}

export type ProgramName = "pg_dump" | "pg_dumpall" | "pg_restore" | "initdb" | "pg_ctl";

/** Where Debian's packages put them, by major version. */
const DEBIAN = "/usr/lib/postgresql";

/**
 * The newest installed major, as pg_dump can read servers of its own major and older ones; else what is on PATH.
 * @throws Failure `engine.program-missing`
 */
export async function findPrograms(signal: AbortSignal): Promise<Programs> {
  const major = newestMajor(existsSync(DEBIAN) ? readdirSync(DEBIAN) : [], (version) =>
    existsSync(join(DEBIAN, version, "bin/pg_dump")),
  );
  if (major !== null) return { major, path: (name) => join(DEBIAN, String(major), "bin", name) };
  const { exitCode, stdout } = await runTool(
    { program: "pg_dump", argv: ["--version"], env: {} },
    { signal },
  );
  const [, onPath] = / (\d+)/.exec(stdout) ?? [];
  if (exitCode !== 0 || onPath === undefined)
    throw new Failure("engine.program-missing", "there is no pg_dump here");
  return { major: Number(onPath), path: (name) => name };
}

/** The highest of the directory names that are a major version and hold programs; null without one. */
export function newestMajor(names: readonly string[], hasPrograms: (name: string) => boolean): number | null {
  const majors = names.filter((name) => /^\d+$/.test(name) && hasPrograms(name)).map(Number);
  return majors.length === 0 ? null : Math.max(...majors);
}
