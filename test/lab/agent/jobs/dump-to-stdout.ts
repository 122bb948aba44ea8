import { dumpBackup } from "../../../../src/agent/jobs/dump.ts";
import type { ServerTarget } from "../../../../src/model/agent-policy.ts";
import { agentIn } from "./support.ts";

/** A process of its own, as its stdout is what is looked at. */
const [directory = "", target = "", plain = ""] = process.argv.slice(2);
const parsed = JSON.parse(target) as ServerTarget;
const options = { selector: "latest", database: null, plain: plain === "true", output: "-" };
await dumpBackup(parsed, options, agentIn(directory).context([parsed]));
