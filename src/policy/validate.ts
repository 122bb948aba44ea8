import type { Diagnostic } from "./diagnostic.ts";
import type { PolicyDocument } from "./document.generated.ts";
import { explainErrors } from "./explain.ts";
import type { Located, Path } from "./located.ts";
import { schemaErrors, stepsOf } from "./schema.ts";
import type { SchemaError } from "./schema.ts";
import { PolicySource } from "./source.ts";
import type { SourceFile } from "./source.ts";

/** Checks values against the schema, and makes the source of what is valid of them. */
export function validate(
  files: readonly SourceFile[],
  root: Located,
): { readonly source: PolicySource; readonly diagnostics: readonly Diagnostic[] } {
  const paths = new WeakMap<object, Path>();
  const plain = plainWithPaths(root, [], paths);
  const errors = schemaErrors(plain);
  const diagnostics = explainErrors(root, errors);
  const document = withoutErrors(plain, errors) as PolicyDocument;
  return { source: new PolicySource(files, root, document, paths), diagnostics };
}

/** Maps have no prototype: a key may be any text. Every map and list is noted with its path. */
function plainWithPaths(node: Located, path: Path, paths: WeakMap<object, Path>): unknown {
  if (node.kind === "scalar") return node.value;
  const plain: unknown[] | Record<string, unknown> =
    node.kind === "list"
      ? node.items.map((item, index) => plainWithPaths(item, [...path, index], paths))
      : Object.create(null);
  if (node.kind === "map" && !Array.isArray(plain)) {
    for (const [key, { value }] of node.entries) plain[key] = plainWithPaths(value, [...path, key], paths);
  }
  paths.set(plain, path);
  return plain;
}

/**
 * Takes what the schema refuses out of the value, around it where taking out a part does not help, until the rest is
 * valid. Changes the value: its maps and lists stay the same objects.
 */
function withoutErrors(value: unknown, errors: readonly SchemaError[]): unknown {
  for (let left = errors; left.length > 0; left = schemaErrors(value)) {
    for (const error of left) removeOffender(value as Json, error);
    compactLists(value as Json);
    if ((value as { version?: unknown }).version === undefined)
      Object.assign(value as object, { version: 1 });
  }
  return value;
}

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null | undefined;

function removeOffender(value: Json, error: SchemaError): void {
  const steps = stepsOf(error);
  const key: unknown = error.propertyName ?? error.params["additionalProperty"];
  if (typeof key === "string") steps.push(key);
  const last = steps.pop();
  let parent: Json = value;
  for (const step of steps) parent = child(parent, step);
  if (last === undefined || typeof parent !== "object" || parent === null) return;
  if (Array.isArray(parent)) parent[Number(last)] = undefined;
  else delete parent[last];
}

function child(parent: Json, step: string): Json {
  if (Array.isArray(parent)) return parent[Number(step)];
  return typeof parent === "object" && parent !== null ? parent[step] : undefined;
}

function compactLists(value: Json): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) value.splice(0, value.length, ...value.filter((item) => item !== undefined));
  for (const inner of Object.values(value)) compactLists(inner);
}
