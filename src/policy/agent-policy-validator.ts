import { compileAgentSchema } from "./agent-policy-schema.ts";

/** Checks a value against the schema of an agent's policy. In the bundle this module is the code that ajv makes (build.ts). */
export const { validate } = compileAgentSchema({ optimize: false });
