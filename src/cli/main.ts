import { painter } from "../report/style.ts";
import { exitWhenWritten } from "./exit-when-written.ts";
import { asFailure, failureJson, failureText } from "./failure-text.ts";
import { buildProgram } from "./program.ts";

/** Prints what was thrown, as JSON on stdout where the command line asks for JSON, and ends with its status. */
function fail(error: unknown): void {
  const failure = asFailure(error);
  if (process.argv.includes("--json"))
    process.stdout.write(`${JSON.stringify(failureJson(failure), null, 2)}\n`);
  else {
    const { NO_COLOR } = process.env;
    const colour = process.stderr.isTTY === true && !NO_COLOR && !process.argv.includes("--no-color");
    process.stderr.write(failureText(failure, painter(colour)));
  }
  exitWhenWritten(failure.exit);
}

// A reader that went away (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
process.on("uncaughtException", (error) => {
  // An apply that runs has a listener of its own: it has a lock to release first.
  if (process.listenerCount("uncaughtException") === 1) fail(error);
});
try {
  let status = 0;
  await buildProgram((exit) => {
    status = exit;
  }).parseAsync();
  // Connections and Kamal runs that nobody waits for any more must not keep the process.
  exitWhenWritten(status);
} catch (error) {
  fail(error);
}
