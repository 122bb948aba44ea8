import type { Tool, ToolResult } from "../tools/run.ts";
import { runTool } from "../tools/run.ts";

/** Programs of the image and what they answer: the words that tell the version. */
const TOOLS: Readonly<Record<string, readonly [program: string, argument: string]>> = {
  restic: ["restic", "version"],
  postgres: ["postgres", "--version"],
  pg_dump: ["pg_dump", "--version"],
  "mariadb-dump": ["mariadb-dump", "--version"],
  mariadbd: ["mariadbd", "--version"],
  sqlite3: ["sqlite3", "--version"],
};

/** Version of every program that the agent works with, and of node; null: the image has no such program. */
export async function toolVersions(signal: AbortSignal): Promise<Readonly<Record<string, string | null>>> {
  const asked = Object.entries(TOOLS).map(async ([name, [program, argument]]) => {
    const tool: Tool = { program, argv: [argument], env: {} };
    return [name, versionIn(await runTool(tool, { signal }))] as const;
  });
  return { ...Object.fromEntries(await Promise.all(asked)), node: process.versions.node };
}

/** `mariadb-dump  Ver 10.19 Distrib 10.11.14-MariaDB` is 10.11.14-MariaDB; `pg_dump (PostgreSQL) 17.6` is 17.6. */
function versionIn({ exitCode, stdout }: ToolResult): string | null {
  if (exitCode !== 0) return null;
  return (
    (/\d+\.\d+\.\d+(?:-MariaDB)?/.exec(stdout) ?? /\d+(?:\.\d+|beta\d+|rc\d+)/.exec(stdout))?.[0] ?? null
  );
}
