import { Ajv2020 } from "ajv/dist/2020.js";
import type { CodeOptions, ValidateFunction } from "ajv/dist/2020.js";
import schema from "../../schemas/agent-policy.v1.schema.json" with { type: "json" };

/** schemas/agent-policy.v1.schema.json as a function, with what made it. */
export function compileAgentSchema(code: CodeOptions): {
  readonly ajv: Ajv2020;
  readonly validate: ValidateFunction;
} {
  // `nullable` types are unions, which strict mode takes for a slip. A test checks the schema itself.
  const ajv = new Ajv2020({
    strict: false,
    discriminator: true,
    meta: false,
    validateSchema: false,
    inlineRefs: false,
    code,
  });
  return { ajv, validate: ajv.compile(schema) };
}
