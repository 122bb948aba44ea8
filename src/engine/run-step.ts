import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { Secret, Template, Value } from "../model/secret.ts";
import { SCRAM_ITERATIONS, SCRAM_SALT_BYTES, scramVerifier } from "../model/scram.ts";
import type { EditStep, SqlParam, Step } from "../model/step.ts";
import { editFile, undoEdit } from "./edit-file.ts";
import type { Ports, Stops } from "./ports.ts";
import { waitUntil } from "./wait.ts";
import { revealValue } from "./world.ts";

/** Runs one step; rejects with a Failure, or with Interrupted when a wait was given up. "end": no step after this one. */
export type RunStep = (
  step: Step,
  stops: Stops,
  progress: (text: string) => void,
) => Promise<"end" | undefined>;

/** The only place that executes steps, for one apply in one checkout. `directory` is where Kamal runs. */
export function createStepRunner(
  directory: string,
  secrets: ReadonlyMap<string, Secret>,
  ports: Ports,
): RunStep {
  const edits: EditStep[] = [];
  return async (step, stops, progress) => {
    switch (step.run) {
      case "edit":
        if (await editFile(resolve(directory, step.path), step.before, step.after)) edits.push(step);
        return undefined;
      case "undo-edits":
        for (let edit = edits.pop(); edit !== undefined; edit = edits.pop()) {
          await undoEdit(resolve(directory, edit.path), edit.before, edit.after);
        }
        return undefined;
      case "end-if-running": {
        const argv = ["ps", "--quiet", "--no-trunc", "--filter", `id=${step.container}`];
        const found = await ports.docker(step.host, argv, undefined, stops.abort);
        return found.trim() === "" ? undefined : "end";
      }
      case "kamal":
        await ports.kamal(step.argv, stops.abort);
        return undefined;
      case "docker": {
        const stdin = step.stdin === undefined ? undefined : fill(step.stdin, secrets);
        await ports.docker(step.host, step.argv, stdin, stops.abort);
        return undefined;
      }
      case "sql":
        await ports.sql(
          step.host,
          step.container,
          step.statement,
          resolveParams(step.params, secrets),
          stops.abort,
        );
        return undefined;
      case "wait": {
        const params =
          typeof step.until === "object" && "params" in step.until
            ? resolveParams(step.until.params, secrets)
            : {};
        await waitUntil(step, params, ports, stops, progress);
        return undefined;
      }
    }
  };
}

function fill(template: Template, secrets: ReadonlyMap<string, Secret>): string {
  if (typeof template === "string") return template;
  return template.map((part) => revealValue(part, secrets)).join("");
}

function resolveParams(
  params: Readonly<Record<string, SqlParam>>,
  secrets: ReadonlyMap<string, Secret>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, param]) => [name, resolveParam(param, secrets)]),
  );
}

function resolveParam(param: SqlParam, secrets: ReadonlyMap<string, Secret>): string {
  if (typeof param === "object" && "scramOf" in param) {
    return scramVerifier(
      revealValue(param.scramOf, secrets),
      randomBytes(SCRAM_SALT_BYTES),
      SCRAM_ITERATIONS,
    );
  }
  return revealValue(param satisfies Value, secrets);
}
