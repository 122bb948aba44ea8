import { showBytes } from "../../model/bytes.ts";
import type { ListedRun, ListedSnapshot } from "./list.ts";

const HEAD = ["RUN", "AGE", "CONTENTS", "KEPT BY"];

/** Runs for people: a table, each line ending in a newline; a sentence where there is none. */
export function runsText(target: string, runs: readonly ListedRun[]): string {
  if (runs.length === 0) return `${target}: no backups\n`;
  const rows = [
    HEAD,
    ...runs.map((run) => [nameOf(run), age(run.age_seconds), contents(run, isShared(run, runs)), kept(run)]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${target}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** What can be typed, and says when: the gem's runs have an id only. */
function nameOf({ run, time, made_by }: ListedRun): string {
  return made_by === "gem" ? `${time.slice(0, 19)}Z ${run.slice(0, 8)}` : run;
}

/** Another host took one of the same name: only its snapshots tell them apart. */
function isShared({ run, host }: ListedRun, runs: readonly ListedRun[]): boolean {
  return runs.some((other) => other.run === run && other.host !== host);
}

function contents(run: ListedRun, shared: boolean): string {
  const parts = run.contents.map(
    (one) => `${whatOf(one, run.made_by)}${one.bytes === null ? "" : ` ${showBytes(one.bytes)}`}`,
  );
  return [
    ...parts,
    ...(run.complete ? [] : ["NOT COMPLETE"]),
    ...(run.made_by === "gem" ? ["by the gem"] : []),
    ...(shared ? [`on ${run.host}`] : []),
  ].join(", ");
}

/** With the beginning of the snapshot's id, by which it can be named; the gem's runs show it in their own name. */
function whatOf({ database, paths, snapshot }: ListedSnapshot, madeBy: ListedRun["made_by"]): string {
  const id = snapshot.slice(0, 8);
  const what = database ?? (paths.length > 0 ? paths.join(" + ") : null);
  if (what === null) return id;
  return madeBy === "gem" ? what : `${what} (${id})`;
}

function kept({ kept_by, complete }: ListedRun): string {
  if (!complete) return "";
  if (kept_by === null) return "no retention";
  return kept_by.length === 0 ? "nothing: goes with the next backup" : kept_by.join(", ");
}

/** The largest whole unit: 45s, 12m, 7h, 3d. */
function age(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
  ];
  const [size, unit] = units.find(([bound]) => seconds >= bound) ?? [1, "s"];
  return `${Math.floor(seconds / size)}${unit}`;
}
