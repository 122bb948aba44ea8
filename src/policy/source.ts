import { diagnose } from "./diagnostic.ts";
import type { Diagnostic, Hints } from "./diagnostic.ts";
import type { PolicyDocument } from "./document.generated.ts";
import { keyPlaceAt, showPath, valueAt, valuePlaceAt } from "./located.ts";
import type { Located, Path } from "./located.ts";

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a diagnostic is about: a map or list of the document, or a key of it. */
export type Subject = readonly [container: object, key?: string | number];

/**
 * A policy's values together with the text that they came from. `document` is valid: what the schema refused was left
 * out of it, so that the checks beyond the schema can run on the rest. What was written, right or wrong, is in `root`.
 */
export class PolicySource {
  readonly files: readonly SourceFile[];
  readonly root: Located;
  readonly document: PolicyDocument;
  readonly #paths: WeakMap<object, Path>;

  constructor(
    files: readonly SourceFile[],
    root: Located,
    document: PolicyDocument,
    paths: WeakMap<object, Path>,
  ) {
    this.files = files;
    this.root = root;
    this.document = document;
    this.#paths = paths;
  }

  /** An error at the value of the subject. */
  error(subject: Subject, message: string, hints?: Hints): Diagnostic {
    const path = this.#path(subject);
    return diagnose("error", valuePlaceAt(this.root, path), showPath(path), message, hints);
  }

  /** An error at the key that the subject's value stands under. */
  errorAtKey(subject: Subject, message: string, hints?: Hints): Diagnostic {
    const path = this.#path(subject);
    return diagnose("error", keyPlaceAt(this.root, path), showPath(path), message, hints);
  }

  /** A warning at the value of the subject. */
  warning(subject: Subject, message: string, hints?: Hints): Diagnostic {
    return { ...this.error(subject, message, hints), severity: "warning" };
  }

  /** Whether the key was written, be its value right or wrong. */
  declares(container: object, key: string): boolean {
    return valueAt(this.root, this.#path([container, key])) !== undefined;
  }

  /** Line on which the subject's value stands, to be named in a message about another one. */
  line(subject: Subject): number {
    return valuePlaceAt(this.root, this.#path(subject)).line;
  }

  /** The keys written under one key of the document, be their values right or wrong. */
  keysAt(key: keyof PolicyDocument): readonly string[] {
    const node = valueAt(this.root, [key]);
    return node?.kind === "map" ? [...node.entries.keys()] : [];
  }

  /** The keys written in a map, be their values right or wrong. */
  keysOf(container: object): readonly string[] {
    const node = valueAt(this.root, this.#path([container]));
    return node?.kind === "map" ? [...node.entries.keys()] : [];
  }

  #path([container, key]: Subject): Path {
    const path = this.#paths.get(container) ?? [];
    return key === undefined ? path : [...path, key];
  }
}
