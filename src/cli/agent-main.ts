import { buildAgentProgram } from "./agent/program.ts";
import { exitWhenWritten } from "./exit-when-written.ts";
import { asFailure, failureJson, printFailure } from "./failure-text.ts";

/** Prints what was thrown, as JSON on stdout where the command line asks for JSON, and ends with its status. */
function fail(error: unknown): void {
  const failure = asFailure(error);
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify(failureJson(failure), null, 2)}\n`);
  } else {
    printFailure(failure);
  }
  exitWhenWritten(failure.exit);
}

// A reader that went away (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
// The scheduler too: docker starts it again, and what ran is recorded as interrupted.
process.on("uncaughtException", fail);
try {
  let status = 0;
  await buildAgentProgram((exit) => {
    status = exit;
  }).parseAsync();
  // Sockets that nobody waits for any more must not keep the process.
  exitWhenWritten(status);
} catch (error) {
  fail(error);
}
