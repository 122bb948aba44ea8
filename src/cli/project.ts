import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { Failure } from "../errors.ts";
import { loadPolicy } from "../policy/load.ts";
import type { LoadedPolicy } from "../policy/load.ts";
import { renderDiagnostics } from "../policy/render.ts";
import type { GlobalOptions } from "./options.ts";

/**
 * The policy that the command line names; its warnings go to stderr.
 * @throws Failure `policy.missing`, `policy.invalid`, `files.unreadable`.
 */
export function readPolicy(options: GlobalOptions, directory: string): LoadedPolicy {
  const loaded = loadPolicy({
    path: options.policy,
    destination: options.destination ?? null,
    readFile: (path) => readTextOrNull(resolve(directory, path)),
  });
  if (loaded.warnings.length > 0) {
    process.stderr.write(`${renderDiagnostics(loaded.warnings, loaded.source.files)}\n\n`);
  }
  return loaded;
}

/** Kamal's `-c` relative to `directory`; null for Kamal's own default. */
export function deployFile(options: GlobalOptions, policyDeploy: string, directory: string): string | null {
  const path =
    options.configFile ?? relative(directory, resolve(directory, dirname(options.policy), policyDeploy));
  return path === "config/deploy.yml" ? null : path;
}

/** Reads files of the checkout by their paths from the directory that Kamal runs in. */
export function checkoutReader(directory: string): (path: string) => string | null {
  return (path) => readTextOrNull(resolve(directory, path));
}

/** Null when there is no such file. */
export function readTextOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Failure("files.unreadable", `cannot read ${path}`, { where: path, cause: error });
  }
}
