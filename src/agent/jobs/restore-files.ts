import { rm } from "node:fs/promises";
import { Failure } from "../../errors.ts";
import type { FilesTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { relocated } from "../files/relocated.ts";
import { keptOf, unfinishedOf } from "../files/kept.ts";
import { type FileSource, needOf, restorePath } from "../files/restore-path.ts";
import { requireRoom } from "../files/room.ts";
import { filesOf } from "../repository/runs.ts";
import { choosePaths, labelledPaths } from "./choose-path.ts";
import type { JobResult } from "./job.ts";
import { pathInSnapshot } from "./path-in-snapshot.ts";
import { withRun } from "./pinned-run.ts";
import { requireConfirmation } from "./require-confirmation.ts";
import { stampOf } from "./restored-names.ts";
import { secondsBetween } from "./seconds.ts";
import { stopIfTold } from "./stop-if-told.ts";

export interface RestoreFilesOptions {
  /** `latest`, a timestamp, or the start of a snapshot's id. */
  readonly selector: string;
  /** An absolute path, a label, or `label/below`; null: everything. */
  readonly path: string | null;
  /** What was typed: has to be the target's name. */
  readonly confirm: string;
}

/**
 * Restores files in production: beside the live ones, compared with what the snapshot lists, then exchanged; the old
 * ones are kept in a dated directory.
 * @throws Failure `restore.*`, `repository.*`, `agent.interrupted`
 */
export async function restoreFiles(
  target: FilesTarget,
  options: RestoreFilesOptions,
  context: AgentContext,
): Promise<JobResult> {
  const began = context.clock.now();
  requireConfirmation(target, target.name, options.confirm);
  const chosen = choosePaths(target.paths, options.path);
  return await withRun(target, options.selector, context, async ({ repository, run }) => {
    const snapshot = filesOf(run);
    if (snapshot === undefined) throw new Failure("internal.bug", `run ${run.id} has no snapshot of files`);
    const listed = await repository.list(snapshot.id);
    const whole: FileSource = { list: async () => listed, restoreTo: repository.restoreTo };
    const restores = chosen.map(({ label, path, part }) => {
      const from = pathInSnapshot(snapshot, { label, path }, Object.keys(target.paths).length);
      const source = from === path ? whole : relocated(whole, from, path);
      return { label, source, restore: { snapshotId: snapshot.id, path, part, stamp: stampOf(began) } };
    });
    requireRoom(await Promise.all(restores.map(({ source, restore }) => needOf(source, restore, context))));
    const paths: Record<string, unknown>[] = [];
    for (const { label, source, restore } of restores) {
      const { path, part } = restore;
      stopIfTold(context);
      context.progress({ phase: `restoring ${label}` });
      const { files, bytes, keptAs } = await restorePath(source, restore, context);
      context.log(`${label} is restored${keptAs === null ? "" : `; what was there is in ${keptAs}`}`);
      paths.push({ label, path, part, files, bytes, kept_as: keptAs });
    }
    const seconds = secondsBetween(began, context.clock.now());
    return {
      outcome: "success",
      details: { run: run.id, snapshot: snapshot.id, repository: repository.name, paths, seconds },
    };
  });
}

/**
 * Removes what earlier restores kept of a target's files; restores nothing.
 * @throws Failure `restore.not-confirmed`, `restore.unfinished`
 */
export async function dropPreviousFiles(
  target: FilesTarget,
  confirm: string,
  context: AgentContext,
): Promise<JobResult> {
  const paths = labelledPaths(target.paths).map(({ path }) => path);
  const [unfinished] = unfinishedOf(paths);
  if (unfinished !== undefined)
    throw new Failure("restore.unfinished", `a restore of ${target.name} stopped half-way in ${unfinished}`, {
      where: unfinished,
    });
  const kept = keptOf(paths);
  if (kept.length === 0) return { outcome: "skipped", details: { reason: "nothing kept", dropped: [] } };
  requireConfirmation(target, target.name, confirm);
  for (const directory of kept) {
    stopIfTold(context);
    context.progress({ phase: `removing ${directory}` });
    await rm(directory, { recursive: true, force: true });
  }
  return { outcome: "success", details: { dropped: kept } };
}
