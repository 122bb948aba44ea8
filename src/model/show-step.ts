import { isSecretRef, showTemplate, showValue } from "./secret.ts";
import type { Template } from "./secret.ts";
import type { SqlParam, Step } from "./step.ts";

/** The step as somebody would type it, in one line where it is one; secrets by their names. */
export function showStep(step: Step, destination: string | null = null): string {
  switch (step.run) {
    case "edit":
      return step.before === null ? `write ${step.path}` : `edit ${step.path}`;
    case "kamal":
      return `kamal ${showArgv(destination === null ? step.argv : [...step.argv, "-d", destination])}`;
    case "docker":
      return `${step.host}$ docker ${showArgv(step.argv)}${step.stdin === undefined ? "" : ` < ${lines(step.stdin)}`}`;
    case "sql":
      return `${step.host}$ psql in ${step.container}: ${step.statement}${showParams(step.params)}`;
    case "wait":
      return `wait up to ${step.timeoutSeconds} s: ${step.what}`;
    case "end-if-running":
      return `end here if ${step.container.slice(0, 12)} still runs on ${step.host}`;
    case "undo-edits":
      return "put back the edited files";
  }
}

/** How many: the text itself is shown as a diff. */
function lines(text: Template): string {
  const count = showTemplate(text).replace(/\n$/, "").split("\n").length;
  return count === 1 ? "1 line" : `${count} lines`;
}

function showParams(params: Readonly<Record<string, SqlParam>>): string {
  const shown = Object.entries(params).map(([name, param]) => `${name} = ${showParam(param)}`);
  return shown.length === 0 ? "" : `  -- ${shown.join(", ")}`;
}

function showParam(param: SqlParam): string {
  if (typeof param === "object" && "scramOf" in param) return `SCRAM verifier of ${showValue(param.scramOf)}`;
  return isSecretRef(param) ? showValue(param) : quote(param);
}

function showArgv(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

/** For reading and pasting only: what runs is the argv. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
