import type { AgentTarget } from "../../model/agent-policy.ts";
import type { Snapshot } from "../repository/snapshot.ts";

/** Which run a snapshot belongs to. */
export interface RunIdentity {
  readonly app: string;
  readonly target: AgentTarget;
  /** See `newRunTag`. */
  readonly run: string;
}

/** The tags that every snapshot of a run has; those of the gem kamal-backup 1.1.0 are among them. */
export function tagsOf({ app, target, run }: RunIdentity, type: Snapshot["type"]): string[] {
  return ["kamal-backup", `app:${app}`, `type:${type}`, `target:${target.name}`, `run:${run}`];
}

/**
 * The `run:` tag of a run that starts now: UTC, seconds, Z. Never one that is taken: a clock that was set back, or two
 * runs within a second, must not put two runs together.
 */
export function newRunTag(now: Date, taken: readonly string[]): string {
  for (let seconds = 0; ; seconds += 1) {
    const tag = `${new Date(now.getTime() + seconds * 1000).toISOString().slice(0, 19)}Z`;
    if (!taken.includes(tag)) return tag;
  }
}

/** The name of a dump in its snapshot: `<database>.<extension>`, without what a path or a shell reads otherwise. */
export function dumpFilename(database: string, extension: string): string {
  const escaped = [...Buffer.from(database)]
    .map((byte) => String.fromCharCode(byte))
    .map((byte) =>
      /[A-Za-z0-9_.-]/.test(byte)
        ? byte
        : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
  return `${escaped}.${extension}`;
}
