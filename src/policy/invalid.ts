import { Failure } from "../errors.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { renderDiagnostics } from "./render.ts";
import type { SourceFile } from "./source.ts";

/** A policy that cannot be used: everything that is wrong with it, rendered in `detail`. */
export class PolicyInvalid extends Failure {
  /** Errors and warnings in reading order, for `--json`. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const [first] = errors;
    super("policy.invalid", `${errors.length} ${errors.length === 1 ? "error" : "errors"} in the policy`, {
      ...(first === undefined ? {} : { where: `${first.file}:${first.line}:${first.column}` }),
      detail: renderDiagnostics(diagnostics, files),
    });
    this.diagnostics = diagnostics;
  }
}
