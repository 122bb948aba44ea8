import { Failure } from "../../errors.ts";
import type { FilesTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { finishExchange } from "../files/restore-path.ts";
import { filesOf } from "../repository/runs.ts";
import { labelledPaths } from "./choose-path.ts";
import { RECORD_BYTES, storeRecord } from "./facts-file.ts";
import { type PathState, pathState } from "./file-contents.ts";
import type { JobResult } from "./job.ts";
import { requireScratch } from "./private-directory.ts";
import { type Refusal, refuseEmpty, refuseShrunk, type Subject, vanished } from "./refusals.ts";
import { tagsOf } from "./run-tags.ts";
import { secondsBetween } from "./seconds.ts";
import { type BackupOptions, type RunWork, type Taken, takeRun, unlessAccepted } from "./take-run.ts";

/**
 * Backs up all paths of a target as one snapshot, and then the record that completes the run. An empty mount on a new
 * host is refused, as an empty database is.
 * @throws Failure `backup.*`, `files.unreadable`, `repository.*`, `agent.interrupted`
 */
export async function backupFiles(
  target: FilesTarget,
  options: BackupOptions,
  context: AgentContext,
): Promise<JobResult> {
  return await takeRun(target, options, context, async (work) => {
    await requireScratch(RECORD_BYTES, context);
    context.progress({ phase: `looking at the files of ${target.name}` });
    for (const { path } of labelledPaths(target.paths)) finishExchange(path, context);
    const found = await look(target);
    unlessAccepted(refuseMissing(found), options, context);
    unlessAccepted(refuseEmpty(await subjectsOf(found, work), "files"), options, context);
    const warnings = [
      ...found.filter(isMissing).map((one) => `${wordsOf(one)} is not there: it was left out`),
      ...vanished("path", Object.keys(target.paths), filesOf(work.previous)?.labels ?? []),
    ];
    for (const warning of warnings) context.log(warning);
    const there = found.filter((one) => !isMissing(one));
    return await work.store(() => store(target, there, warnings, work, options, context));
  });
}

interface Found {
  readonly label: string;
  readonly path: string;
  readonly state: PathState;
}

async function look({ paths }: FilesTarget): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const { label, path } of labelledPaths(paths)) {
    const state = await pathState(path).catch((cause) => {
      throw new Failure("files.unreadable", `${path} cannot be read`, { where: path, cause });
    });
    found.push({ label, path, state });
  }
  return found;
}

function refuseMissing(found: readonly Found[]): Refusal | null {
  const missing = found.filter(isMissing).map(wordsOf);
  return missing.length === 0 ? null : { code: "backup.empty", what: `not there: ${missing.join(", ")}` };
}

/** What the run before had is looked up only where a path is empty now. */
async function subjectsOf(found: readonly Found[], { previous, repository }: RunWork): Promise<Subject[]> {
  const before = filesOf(previous);
  const some = before !== undefined && found.some(({ state }) => state === "empty");
  const files = some ? await repository.list(before.id) : [];
  return found.map((one) => ({
    what: wordsOf(one),
    contents: one.state === "files" ? 1 : 0,
    before:
      before?.paths.includes(one.path) && files.some(({ path }) => path.startsWith(`${one.path}/`))
        ? 1
        : null,
  }));
}

async function store(
  target: FilesTarget,
  found: readonly Found[],
  warnings: readonly string[],
  work: RunWork,
  options: BackupOptions,
  context: AgentContext,
): Promise<Taken> {
  const { repository, identity, previous } = work;
  const began = context.clock.now();
  context.progress({ phase: `backing up ${target.name}` });
  const labels = found.map(({ label }) => label);
  const stored = await repository.backupPaths(
    found.map(({ path }) => path),
    [...tagsOf(identity, "files"), ...labels.map((label) => `path:${label}`)],
  );
  const before = filesOf(previous);
  const same = before !== undefined && [...before.labels].sort().join() === [...labels].sort().join();
  const refusal = refuseShrunk(target.name, stored.bytes, same ? before.sizeBytes : null);
  unlessAccepted(refusal, options, context);
  const last = await storeRecord({ facts: [], globals: null }, work, [], context);
  return {
    details: {
      snapshot: stored.snapshotId,
      paths: labels,
      bytes: stored.bytes,
      added_bytes: stored.addedBytes,
      record_snapshot: last.snapshotId,
      seconds: secondsBetween(began, context.clock.now()),
    },
    warnings,
    notices: [],
  };
}

function isMissing({ state }: Found): boolean {
  return state === "missing";
}

function wordsOf({ label, path }: Found): string {
  return `path ${label} (${path})`;
}
