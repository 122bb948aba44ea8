import { inspect } from "node:util";

const REDACTED = "[REDACTED]";

/**
 * A value that must never be seen: it prints as `[REDACTED]` as a string, in JSON, in a template and under
 * `util.inspect`. `reveal()` is called only where the value leaves for its purpose: a stdin, an environment, a file
 * of mode 0600, or a comparison in memory.
 */
export class Secret {
  readonly #value: string;
  /** The name in `.kamal/secrets` that the value came from: safe to print. */
  readonly name: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** How a policy, a plan or a step names a secret: by its name in `.kamal/secrets`, never by its value. */
export interface SecretRef {
  readonly secret: string;
}

/** A value as a policy writes it: plain text, or the name of a secret. */
export type Value = string | SecretRef;

export function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === "object" && value !== null && typeof (value as SecretRef).secret === "string";
}

/** The value as people may see it: plain text as it is, a secret as `secret NAME`. */
export function showValue(value: Value): string {
  return isSecretRef(value) ? `secret ${value.secret}` : value;
}

/** Text with secrets to be filled in only where it leaves: in a plan it holds their names. */
export type Template = string | readonly (string | SecretRef)[];

/** The template as people may see it: every secret as `<NAME>`. */
export function showTemplate(template: Template): string {
  if (typeof template === "string") return template;
  return template.map((part) => (isSecretRef(part) ? `<${part.secret}>` : part)).join("");
}
