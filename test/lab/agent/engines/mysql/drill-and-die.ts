import { startThrowaway } from "../../../../../src/agent/engines/mysql/throwaway.ts";
import { contextIn } from "./production.ts";

/** Starts a throwaway server, says so, and waits to be killed. */
await startThrowaway("db", contextIn(process.argv[2] ?? "", []));
process.stdout.write("up\n");
setInterval(() => {}, 1000);
