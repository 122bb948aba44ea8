import { readFileSync } from "node:fs";
import type { LedgerEntry } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import { entriesBackwards, ledgerPath } from "../ledger/read.ts";
import { verifyLedger } from "../ledger/verify.ts";
import type { Verified } from "../ledger/verify.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import { groupRuns, newestOf } from "../repository/runs.ts";
import { readMarks } from "../schedule/marks.ts";
import { toolVersions } from "../tool-versions.ts";
import type { Findings, HeldRuns } from "./evidence.ts";

/** Milliseconds that a repository has to list its snapshots: what does not answer is not in the evidence. */
const PATIENCE = 60_000;

/** Finds out what an evidence is made of. A repository that does not answer is logged and left out. */
export async function gatherEvidence(agent: AgentContext): Promise<Findings> {
  const signal = AbortSignal.any([agent.signal, AbortSignal.timeout(PATIENCE)]);
  const context = { ...agent, signal };
  // Read before the repositories are: a backup that ends meanwhile is in neither, and not missing.
  const ledger = verifyState(agent.stateDirectory);
  const entries = [...entriesBackwards(agent.stateDirectory)].filter(counts);
  const [tools, snapshots] = await Promise.all([toolVersions(signal), snapshotsByTarget(context)]);
  return {
    at: agent.clock.now(),
    tools,
    ledger,
    entries,
    marks: readMarks(agent.stateDirectory),
    snapshots,
  };
}

/** Checks the chain of the ledger in a state directory; one that is not there yet is whole. */
export function verifyState(stateDirectory: string): Verified {
  try {
    return verifyLedger(readFileSync(ledgerPath(stateDirectory), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return verifyLedger("");
    throw error;
  }
}

function counts({ job }: LedgerEntry): boolean {
  return job === "backup" || job === "drill" || job === "check";
}

async function snapshotsByTarget(context: AgentContext): Promise<ReadonlyMap<string, HeldRuns>> {
  const { policy, log, clock } = context;
  const found = await Promise.all(
    policy.repositories.map(async ({ name }): Promise<[string, HeldRuns][]> => {
      const targets = policy.targets.filter(({ backup }) => backup.repository === name);
      try {
        const snapshots = await openRepository(repositoryOf(policy, name), context).snapshots();
        return targets.map((target) => {
          const runs = groupRuns(snapshots, target).filter(({ complete }) => complete);
          const newest = newestOf(runs, clock.now());
          const evidence = {
            runs: runs.length,
            newest: newest === null ? null : { run: newest.id, time: newest.time.toISOString() },
          };
          const ids = new Set(runs.flatMap((run) => run.snapshots.map(({ id }) => id)));
          return [target.name, { evidence, ids }];
        });
      } catch (error) {
        log(`repository ${name} is not in the evidence: ${(error as Error).message}`);
        return [];
      }
    }),
  );
  return new Map(found.flat());
}
