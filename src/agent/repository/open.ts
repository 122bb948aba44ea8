import type { AgentRepository } from "../../model/agent-policy.ts";
import { COMMANDS } from "../../tools/restic/commands.ts";
import { parseSnapshots } from "../../tools/restic/listings.ts";
import type { ResticSnapshot } from "../../tools/restic/listings.ts";
import type { AgentContext } from "../context.ts";
import { listFiles, readTextFile, restoreBelow } from "./contents.ts";
import { forgetOwn } from "./forget.ts";
import { initUnlessKnown, openKnown } from "./identity.ts";
import { readKnown } from "./known.ts";
import { clearWay, readLocks, recover, removeStale } from "./locks.ts";
import { ownSnapshots } from "./own-snapshots.ts";
import { probeRepository } from "./probe.ts";
import type { Repository } from "./repository.ts";
import { type Restic, resticOf } from "./restic.ts";
import { forgetUnfit, storePaths, storeStream } from "./store.ts";

/** For what restic answers from its index and cache; restic alone would wait for 15 minutes. */
const LISTING_SECONDS = 600;

/**
 * A repository of the policy. Nothing runs before the first call; what writes into it, or forgets, first sees that it
 * is the very repository that was used before.
 */
export function openRepository(repository: AgentRepository, context: AgentContext): Repository {
  let made: Restic | null = null;
  // Not before it is needed: a secret that is not set is a Failure of what is asked, not of a status of many.
  const restic = (): Restic => {
    made ??= resticOf(repository, context);
    return made;
  };
  let opened: Promise<string> | null = null;
  const open = (): Promise<string> => {
    opened ??= openKnown(restic(), context).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
  const all = async (): Promise<readonly ResticSnapshot[]> => {
    const run = {
      toDo: "list the snapshots",
      otherwise: "repository.unreachable",
      seconds: LISTING_SECONDS,
    } as const;
    return parseSnapshots((await restic().run(COMMANDS.snapshots(), run)).stdout);
  };
  const readyToStore = async (): Promise<void> => {
    await open();
    await recover(restic(), context);
    await forgetUnfit(restic(), context);
  };
  return {
    name: repository.name,
    probe: () => probeRepository(repository, context),
    open,
    init: () => initUnlessKnown(restic(), context),
    backupStream: async (producer, filename, tags) => {
      await readyToStore();
      return await storeStream(restic(), context, producer, filename, tags);
    },
    backupPaths: async (paths, tags) => {
      await readyToStore();
      return await storePaths(restic(), context, paths, tags);
    },
    snapshots: async () => {
      await open();
      const { unfit } = readKnown(context.stateDirectory, repository.name);
      return ownSnapshots(await all(), context.policy.app).filter(({ id }) => !unfit.includes(id));
    },
    dumpProducer: (snapshotId, path) => restic().tool(COMMANDS.dump(snapshotId, path)),
    list: (snapshotId) => listFiles(restic(), snapshotId),
    readText: (snapshotId, path) => readTextFile(restic(), snapshotId, path),
    restoreTo: (snapshotId, path, directory) => restoreBelow(restic(), context, snapshotId, path, directory),
    forget: async (snapshotIds) => {
      if (snapshotIds.length === 0) return;
      await open();
      await forgetOwn(restic(), context, snapshotIds, await all());
    },
    prune: async () => {
      await open();
      await clearWay(restic());
      return (await restic().run(COMMANDS.prune(), { toDo: "prune" })).stdout.trim();
    },
    check: async (readData) => {
      await open();
      await clearWay(restic());
      const run = { toDo: "check the repository", otherwise: "repository.unreachable" } as const;
      return (await restic().run(COMMANDS.check(readData), run)).stdout.trim();
    },
    locks: () => readLocks(restic(), context),
    unlock: () => removeStale(restic(), context),
    version: async () => {
      const { stdout } = await restic().run(COMMANDS.version(), { toDo: "say its version", lockless: true });
      return (JSON.parse(stdout) as { version: string }).version;
    },
  };
}
