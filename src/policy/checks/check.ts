import type { Diagnostic } from "../diagnostic.ts";
import type { PolicySource } from "../source.ts";

/** One thing that the schema cannot say. Pure; looks at the policy alone. */
export type Check = (source: PolicySource) => readonly Diagnostic[];
