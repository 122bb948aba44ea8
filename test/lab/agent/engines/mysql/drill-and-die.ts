import { startThrowaway } from "../../../../../src/agent/engines/mysql/throwaway.ts";
import { contextIn, targetOf } from "./production.ts";

/** Starts a throwaway server, says so, and waits to be killed. */
await startThrowaway(targetOf("/nowhere", ""), contextIn(process.argv[2] ?? "", []));
process.stdout.write("up\n");
setInterval(() => {}, 1000);
