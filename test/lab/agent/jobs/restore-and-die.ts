import { restoreDatabase } from "../../../../src/agent/jobs/restore-database.ts";
import type { ServerTarget } from "../../../../src/model/agent-policy.ts";
import { agentIn, APP } from "./support.ts";

/** A process of its own that restores and is killed (SIGKILL) when the phase of that name begins; of a table where one is given. */
const [directory = "", target = "", phase = "", table] = process.argv.slice(2);
const parsed = JSON.parse(target) as ServerTarget;
const context = agentIn(directory).context([parsed]);
await restoreDatabase(
  parsed,
  { selector: "latest", database: null, table: table ?? null, confirm: APP },
  {
    ...context,
    progress: (progress) => {
      if (progress.phase === phase) process.kill(process.pid, "SIGKILL");
    },
  },
);
