import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { checkAgainstDeploy } from "../../../src/policy/against-deploy.ts";
import type { DeployedAccessory } from "../../../src/policy/against-deploy.ts";
import type { Diagnostic } from "../../../src/policy/diagnostic.ts";
import { PolicyInvalid } from "../../../src/policy/invalid.ts";
import { loadPolicy } from "../../../src/policy/load.ts";
import { renderDiagnostics } from "../../../src/policy/render.ts";

const DIRECTORY = new URL("../../cases/policy/", import.meta.url);
const BASE = "backup-policy.yml";

/** A policy and all that is said of it: test/cases/policy/*.yml holds lists of these. */
export interface PolicyCase {
  readonly name: string;
  readonly policy: string;
  /** Text of backup-policy.staging.yml, read with the destination staging. */
  readonly overlay?: string;
  /** Checked against this when the policy is valid by itself. */
  readonly deploy?: {
    readonly accessories: readonly DeployedAccessory[];
    readonly secrets: readonly string[] | null;
  };
  /** `[file:]line:column severity path: message (suggestion?)`. */
  readonly diagnostics: readonly string[];
  /** What must not be in any output. */
  readonly absent?: readonly string[];
}

export function readCases(): readonly (PolicyCase & { readonly file: string })[] {
  return readdirSync(DIRECTORY)
    .sort()
    .flatMap((file) => {
      const cases = parse(readFileSync(new URL(file, DIRECTORY), "utf8")) as PolicyCase[];
      return cases.map((one) => ({ ...one, file }));
    });
}

/** What is said of a case's policy, as its `diagnostics` writes it, and everything that is printed of it. */
export function runCase({ policy, overlay, deploy }: PolicyCase): { said: string[]; printed: string } {
  const texts: Record<string, string | undefined> = { [BASE]: policy, "backup-policy.staging.yml": overlay };
  const destination = overlay === undefined ? null : "staging";
  try {
    const loaded = loadPolicy({ path: BASE, destination, readFile: (path) => texts[path] ?? null });
    const secrets = deploy?.secrets ? new Set(deploy.secrets) : null;
    const found = deploy ? checkAgainstDeploy(loaded.source, deploy.accessories, secrets) : loaded.warnings;
    return { said: found.map(oneLine), printed: renderDiagnostics(found, loaded.source.files) };
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error;
    const printed = [error.message, error.detail, error.where, JSON.stringify(error.diagnostics)].join("\n");
    return { said: error.diagnostics.map(oneLine), printed };
  }
}

function oneLine({ file, line, column, severity, path, message, suggestion }: Diagnostic): string {
  const where = `${file === BASE ? "" : `${file}:`}${line}:${column} ${severity}`;
  return `${where}${path === "" ? "" : ` ${path}`}: ${message}${suggestion === undefined ? "" : ` (${suggestion}?)`}`;
}
