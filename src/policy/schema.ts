import type { ErrorObject } from "ajv/dist/2020.js";
import schema from "../../schemas/backup-policy.v1.schema.json" with { type: "json" };
import { validate } from "./validator.ts";

/** The part of a JSON schema that an error is explained with. */
export interface SchemaNode {
  readonly title?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** A fault as ajv reports it, with the schema that it offends (`verbose`). */
export type SchemaError = ErrorObject & { readonly parentSchema?: SchemaNode };

/**
 * Every way in which a value offends schemas/backup-policy.v1.schema.json; none for a valid policy. Where one of
 * several forms would do, only that none of them fits is said.
 */
export function schemaErrors(value: unknown): readonly SchemaError[] {
  validate(value);
  const errors = (validate.errors ?? []) as SchemaError[];
  return errors.filter(
    ({ keyword, schemaPath }) =>
      keyword !== "if" && keyword !== "propertyNames" && !schemaPath.includes("/anyOf/"),
  );
}

/** The steps of an error's JSON pointer (RFC 6901) to the value that it is about. */
export function stepsOf(error: SchemaError): string[] {
  const steps = error.instancePath.split("/").slice(1);
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The title of a schema or of what it refers to: what is expected, as a noun. */
export function titleOf(node: SchemaNode | undefined): string | undefined {
  const name = node?.$ref?.replace("#/$defs/", "");
  return (
    node?.title ??
    (name === undefined ? undefined : (schema.$defs as Record<string, SchemaNode>)[name]?.title)
  );
}

export const SECRET_TITLE = schema.$defs.secret.title;
