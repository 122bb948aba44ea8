import { isIPv4, isIPv6 } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CodeOptions, ValidateFunction } from "ajv/dist/2020.js";
import schema from "../../schemas/backup-policy.v1.schema.json" with { type: "json" };

/** schemas/backup-policy.v1.schema.json as a function, with what made it. */
export function compileSchema(code: CodeOptions): {
  readonly ajv: Ajv2020;
  readonly validate: ValidateFunction;
} {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    // A test checks the schema itself.
    meta: false,
    validateSchema: false,
    inlineRefs: false,
    code,
  });
  ajv.addFormat("ipv4", { validate: isIPv4 });
  ajv.addFormat("ipv6", { validate: isIPv6 });
  return { ajv, validate: ajv.compile(schema) };
}
