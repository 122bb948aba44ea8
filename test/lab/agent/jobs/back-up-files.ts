import { backupFiles } from "../../../../src/agent/jobs/backup-files.ts";
import { agentIn } from "./support.ts";

// A process of its own: back-up-files.ts DIRECTORY TARGET, the target as JSON.
const [, , directory = "", target = ""] = process.argv;
const files = JSON.parse(target);
await backupFiles(files, { force: true, acceptSmaller: false }, agentIn(directory).context([files]));
