import { painter } from "../report/style.ts";
import { asFailure, failureJson, failureText } from "./failure-text.ts";
import { buildProgram } from "./program.ts";

/** Prints what was thrown, as JSON on stdout where the command line asks for JSON, and ends with its status. */
function fail(error: unknown): never {
  const failure = asFailure(error);
  if (process.argv.includes("--json"))
    process.stdout.write(`${JSON.stringify(failureJson(failure), null, 2)}\n`);
  else {
    const { NO_COLOR } = process.env;
    const colour = process.stderr.isTTY === true && !NO_COLOR && !process.argv.includes("--no-color");
    process.stderr.write(failureText(failure, painter(colour)));
  }
  process.exit(failure.exit);
}

process.on("uncaughtException", fail);
try {
  let status = 0;
  await buildProgram((exit) => {
    status = exit;
  }).parseAsync();
  // Connections and Kamal runs that nobody waits for any more must not keep the process.
  process.exit(status);
} catch (error) {
  fail(error);
}
