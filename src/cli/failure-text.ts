import { Failure } from "../errors.ts";
import { indent, painter } from "../report/style.ts";
import type { Paint } from "../report/style.ts";

/** Anything thrown as a Failure: what was not thrown on purpose is a bug. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const stack = error instanceof Error ? error.stack : undefined;
  const debug = process.env["KAMAL_BACKUP_DEBUG"] === "1" && stack !== undefined;
  return new Failure("internal.bug", error instanceof Error ? error.message : String(error), {
    cause: error,
    ...(debug ? { detail: stack } : {}),
  });
}

/** What happened, where, the lines that help, and what to do. Ends with a newline. */
export function failureText(failure: Failure, paint: Paint): string {
  const where = failure.where === undefined ? "" : `\n${indent(`where: ${failure.where}`, 2)}`;
  const detail = failure.detail === undefined ? "" : `\n\n${indent(failure.detail, 2)}\n`;
  const head = `${paint(["red", "bold"], "error:")} ${failure.message} (${failure.code})`;
  return `${head}${where}${detail}\n${indent(failure.todo, 2)}\n`;
}

/** Prints it on stderr, in colour where that is a terminal. */
export function printFailure(failure: Failure): void {
  const { NO_COLOR } = process.env;
  process.stderr.write(failureText(failure, painter(process.stderr.isTTY === true && !NO_COLOR)));
}

/** The same for a program. */
export function failureJson(failure: Failure): unknown {
  return {
    error: {
      code: failure.code,
      message: failure.message,
      where: failure.where ?? null,
      detail: failure.detail ?? null,
      todo: failure.todo,
      exit: failure.exit,
    },
  };
}
