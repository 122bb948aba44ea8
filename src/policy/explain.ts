import { diagnose } from "./diagnostic.ts";
import type { Diagnostic, Hints, Place } from "./diagnostic.ts";
import { keyPlaceAt, showPath, valueAt, valuePlaceAt } from "./located.ts";
import type { Located, Path } from "./located.ts";
import { isSecretKey, redactText } from "./redact.ts";
import { SECRET_TITLE, stepsOf, titleOf } from "./schema.ts";
import type { SchemaError } from "./schema.ts";
import { suggest } from "./suggest.ts";

/** The schema's errors in words, each at its place. A key that is missing because it is misspelt is said once. */
export function explainErrors(root: Located, errors: readonly SchemaError[]): readonly Diagnostic[] {
  const misspelt = new Set(
    errors.flatMap((error) => {
      const meant = error.keyword === "additionalProperties" ? nearestKey(error) : undefined;
      return meant === undefined ? [] : [`${error.instancePath}/${meant}`];
    }),
  );
  return errors
    .filter((error) => !misspelt.has(`${error.instancePath}/${String(error.params["missingProperty"])}`))
    .map((error) => explain(root, error));
}

/** The value that an error is about, as a path from the root. */
function pathOf(root: Located, error: SchemaError): Path {
  const path: (string | number)[] = [];
  for (const step of stepsOf(error)) {
    path.push(valueAt(root, path)?.kind === "list" ? Number(step) : step);
  }
  return path;
}

function explain(root: Located, error: SchemaError): Diagnostic {
  const path = pathOf(root, error);
  const { params, parentSchema } = error;
  const hidden = path.some(isSecretKey);
  const title = titleOf(parentSchema);
  const atValue = (message: string, hints: Hints = { expected: title }): Diagnostic =>
    diagnose(
      "error",
      hidden ? start(valuePlaceAt(root, path)) : valuePlaceAt(root, path),
      showPath(path),
      message,
      hints,
    );
  const atKey = (key: string, message: string, hints: Hints): Diagnostic =>
    diagnose(
      "error",
      keyPlaceAt(root, [...path, key]),
      showPath(hidden ? path : [...path, key]),
      message,
      hints,
    );

  if (error.propertyName !== undefined) {
    const name = hidden ? "this" : `\`${error.propertyName}\``;
    return atKey(error.propertyName, `${name} is not a name that can stand here`, { expected: title });
  }
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      const keys = Object.keys(parentSchema?.properties ?? {});
      const message = hidden ? "unknown key" : `unknown key \`${key}\``;
      return atKey(key, message, { expected: keys.join(", "), suggestion: nearestKey(error) });
    }
    case "required": {
      const key = String(params["missingProperty"]);
      const expected = titleOf(parentSchema?.properties?.[key]);
      return diagnose("error", keyPlaceAt(root, path), showPath(path), `\`${key}\` is missing`, { expected });
    }
    case "false schema":
      return diagnose("error", keyPlaceAt(root, path), showPath(path), "does not belong here");
    case "enum": {
      const allowed = (params["allowedValues"] as unknown[]).map(String);
      if (typeof error.data === "object") return atValue(`this is ${kindOf(error.data)}`);
      const suggestion = suggest(String(error.data), allowed);
      return atValue(`${quoted(error.data, hidden)} is not one of these`, {
        expected: allowed.join(", "),
        suggestion,
      });
    }
    case "type":
      if (title === SECRET_TITLE && error.data !== null) {
        return atValue("a literal stands where a secret's name belongs", {
          expected: "{ secret: NAME }, and the value in .kamal/secrets",
        });
      }
      if (params["type"] === "integer" && typeof error.data === "number") break;
      return atValue(`this is ${kindOf(error.data)}`);
    case "anyOf":
      if (typeof error.data === "object") return atValue("something is missing");
      break;
    case "minItems":
    case "minProperties":
      return atValue(isEmpty(error.data) ? "this is empty" : "something is missing");
    case "uniqueItems":
      return atValue("two items are the same");
  }
  return atValue(`${quoted(error.data, hidden)} is not valid here`);
}

/** Without its length, which would say how long a secret is. */
function start(place: Place): Place {
  return { ...place, length: 1 };
}

function nearestKey(error: SchemaError): string | undefined {
  return suggest(
    String(error.params["additionalProperty"]),
    Object.keys(error.parentSchema?.properties ?? {}),
  );
}

/** A value in a message: short, and never one that may be a secret. */
function quoted(value: unknown, hidden: boolean): string {
  if (hidden || typeof value === "object") return "this";
  const text = redactText(String(value));
  return `\`${text.length > 60 ? `${text.slice(0, 57)}...` : text}\``;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : "true or false";
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
