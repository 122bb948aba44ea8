import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AgentContext } from "../../../../src/agent/context.ts";
import { readRecord, writeRecord } from "../../../../src/agent/jobs/facts-file.ts";
import { withRun } from "../../../../src/agent/jobs/pinned-run.ts";
import { tagsOf } from "../../../../src/agent/jobs/run-tags.ts";
import type { ServerTarget } from "../../../../src/model/agent-policy.ts";
import type { Facts } from "../../../../src/model/ledger.ts";

/**
 * Stores the newest run once more, under another tag and with a record that says something else of its databases; it is
 * forgotten after the work.
 */
export async function withOtherFacts(
  target: ServerTarget,
  run: string,
  change: (facts: Facts) => Facts,
  context: AgentContext,
  work: () => Promise<void>,
): Promise<void> {
  await withRun(target, "latest", context, async (pinned) => {
    const { repository } = pinned;
    const record = await readRecord(repository, pinned.run);
    if (record === null) throw new Error("the newest run has no record");
    const identity = { app: context.policy.app, target, run };
    for (const { id, type, paths, database } of pinned.run.snapshots) {
      if (type !== "database") continue;
      const [path = ""] = paths;
      const tags = [...tagsOf(identity, "database"), "adapter:postgres", `database:${database}`];
      await repository.backupStream(repository.dumpProducer(id, path), path.slice(1), tags);
    }
    const directory = mkdtempSync(join(context.scratchDirectory, "broken-"));
    const files = await writeRecord({ ...record, facts: record.facts.map(change) }, directory);
    await repository.backupPaths(files, [...tagsOf(identity, "globals"), "adapter:postgres"]);
    rmSync(directory, { recursive: true });
    await work();
    const stored = (await repository.snapshots()).filter((snapshot) => snapshot.run === run);
    await repository.forget(stored.map(({ id }) => id));
  });
}
