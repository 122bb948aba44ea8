import { readFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import type { JSONSchema } from "json-schema-to-typescript";

const SCHEMA = new URL("../../schemas/backup-policy.v1.schema.json", import.meta.url);

/** The text of src/policy/document.generated.ts: TypeScript types of the policy's schema. */
export async function policyTypes(): Promise<string> {
  const schema = forTypes(JSON.parse(readFileSync(SCHEMA, "utf8"))) as JSONSchema;
  return compile(schema, "PolicyDocument", {
    bannerComment: "// Generated from schemas/backup-policy.v1.schema.json by docs/generate/policy-types.ts.",
    unreachableDefinitions: false,
    style: { printWidth: 110 },
  });
}

/** What types cannot say, or what would name them badly. */
const DROPPED = [
  "$id",
  "examples",
  "if",
  "then",
  "else",
  "anyOf",
  "minProperties",
  "minItems",
  "patternProperties",
];

/** The schema reduced to what becomes types, each named after its definition. */
function forTypes(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(forTypes);
  if (typeof node !== "object" || node === null) return node;
  if ("$ref" in node) return { $ref: node.$ref };
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !DROPPED.includes(key) && !(key === "title" && typeof value === "string"))
      .map(([key, value]) => [key, forTypes(value)]),
  );
}
