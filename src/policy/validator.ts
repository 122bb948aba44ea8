import { compileSchema } from "./compile-schema.ts";

/** Checks a value against the schema of the policy. In the bundle this module is the code that ajv makes (build.ts). */
export const { validate } = compileSchema({ optimize: false });
