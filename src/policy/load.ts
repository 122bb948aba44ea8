import { Failure } from "../errors.ts";
import type { Policy } from "../model/policy.ts";
import { appIsOfDestination } from "./checks/destination.ts";
import { CHECKS } from "./checks/index.ts";
import { inReadingOrder } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { PolicyInvalid } from "./invalid.ts";
import { overlay } from "./located.ts";
import type { Located } from "./located.ts";
import { parsePolicy } from "./parse.ts";
import { resolvePolicy } from "./resolve.ts";
import type { PolicySource, SourceFile } from "./source.ts";
import { validate } from "./validate.ts";

export interface LoadOptions {
  /** Path of the policy, as messages show it. */
  readonly path: string;
  /** Kamal's `-d`; null without. */
  readonly destination: string | null;
  /** Text of a file, null when there is none. What it throws passes through. */
  readonly readFile: (path: string) => string | null;
}

export interface LoadedPolicy {
  readonly policy: Policy;
  readonly warnings: readonly Diagnostic[];
  /** For checkAgainstDeploy, and to render diagnostics: the files that were read and their values with places. */
  readonly source: PolicySource;
}

/**
 * Reads a policy with its destination's overlay, checks all of it, and works out the defaults.
 * @throws Failure `policy.missing`; PolicyInvalid (`policy.invalid`) with everything that is wrong at once.
 */
export function loadPolicy({ path, destination, readFile }: LoadOptions): LoadedPolicy {
  const text = readFile(path);
  if (text === null) throw new Failure("policy.missing", `there is no ${path}`, { where: path });
  const files: SourceFile[] = [{ path, text }];
  const overlayText = destination === null ? null : readFile(overlayPath(path, destination));
  if (destination !== null && overlayText !== null) {
    files.push({ path: overlayPath(path, destination), text: overlayText });
  }
  return readPolicy(files, destination);
}

/** `backup-policy.staging.yml` beside `backup-policy.yml`, as Kamal names its destinations' files. */
export function overlayPath(path: string, destination: string): string {
  return path.replace(
    /(\.ya?ml)?$/,
    (extension) => `.${destination}${extension === "" ? ".yml" : extension}`,
  );
}

function readPolicy(files: readonly SourceFile[], destination: string | null): LoadedPolicy {
  const parsed = files.map(({ path, text }) => parsePolicy(path, text));
  const found: Diagnostic[] = parsed.flatMap(({ diagnostics }) => diagnostics);
  const inOrder = () =>
    inReadingOrder(
      found,
      files.map(({ path }) => path),
    );
  const roots = parsed.flatMap(({ root }) => root ?? []);
  const [base, ...overlays] = roots;
  if (base === undefined || roots.length < files.length) throw new PolicyInvalid(inOrder(), files);
  const root = overlays.reduce<Located>(overlay, base);
  const { source, diagnostics } = validate(files, root);
  const beyondSyntax = [
    ...diagnostics,
    ...CHECKS.flatMap((check) => check(source)),
    ...appIsOfDestination(source, destination),
  ];
  found.push(...beyondSyntax.filter((diagnostic) => !found.some((fault) => isSamePlace(fault, diagnostic))));
  if (found.some(({ severity }) => severity === "error")) throw new PolicyInvalid(inOrder(), files);
  return { policy: resolvePolicy(source.document), warnings: inOrder(), source };
}

/** What syntax refused has no value that more could be said of. */
function isSamePlace(a: Diagnostic, b: Diagnostic): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}
