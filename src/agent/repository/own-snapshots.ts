import type { ResticSnapshot } from "../../tools/restic/listings.ts";
import { unescapeTag } from "../../tools/restic/tags.ts";
import type { Snapshot } from "./snapshot.ts";

const TYPES = ["database", "globals", "files"] as const;

/**
 * The snapshots among these that kamal-backup or its gem made for this very app, oldest first. Tags are compared whole:
 * `app` never is `app2`.
 */
export function ownSnapshots(snapshots: readonly ResticSnapshot[], app: string): readonly Snapshot[] {
  return snapshots
    .flatMap((snapshot) => ownSnapshot(snapshot, app) ?? [])
    .sort((a, b) => a.time.getTime() - b.time.getTime() || (a.id < b.id ? -1 : 1));
}

function ownSnapshot(snapshot: ResticSnapshot, app: string): Snapshot | null {
  const tags = snapshot.tags.map(unescapeTag);
  const valuesOf = (key: string): readonly string[] =>
    tags.filter((tag) => tag.startsWith(`${key}:`)).map((tag) => tag.slice(key.length + 1));
  const type = TYPES.find((one) => tags.includes(`type:${one}`));
  if (type === undefined || !tags.includes("kamal-backup") || !sameOnly(valuesOf("app"), app)) return null;
  return {
    id: snapshot.id,
    shortId: snapshot.shortId,
    time: snapshot.time,
    host: snapshot.host,
    paths: snapshot.paths,
    type,
    target: valuesOf("target")[0] ?? null,
    adapter: valuesOf("adapter")[0] ?? null,
    database: valuesOf("database")[0] ?? null,
    run: valuesOf("run")[0] ?? null,
    labels: valuesOf("path"),
    sizeBytes: snapshot.sizeBytes,
  };
}

/** A snapshot with a second app's tag is nobody's to forget. */
function sameOnly(values: readonly string[], wanted: string): boolean {
  return values.length > 0 && values.every((value) => value === wanted);
}
