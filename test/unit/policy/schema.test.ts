import { isIPv4, isIPv6 } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import schema from "../../../schemas/backup-policy.v1.schema.json" with { type: "json" };

interface Node {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly $ref?: string;
}

/** Every key of the language, with a pointer to its schema. */
function keys(node: unknown, pointer: string): { pointer: string; key: Node }[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, inner]: [string, unknown]) => {
    if (["if", "then", "else", "examples"].includes(name)) return [];
    const here = `${pointer}/${name}`;
    if (name !== "properties") return keys(inner, here);
    return Object.entries(inner as Record<string, Node>).flatMap(([property, key]) => [
      { pointer: `${here}/${property}`, key },
      ...keys(key, `${here}/${property}`),
    ]);
  });
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
ajv.addFormat("ipv4", { validate: isIPv4 });
ajv.addFormat("ipv6", { validate: isIPv6 });

const KEYS = keys(schema, "#");

test("is a valid JSON Schema 2020-12, strict but for types of two kinds", () => {
  expect(() => ajv.compile(schema)).not.toThrow();
});

test.each(KEYS.map(({ pointer, key }) => [pointer, key] as const))(
  "%s is described, and its examples are valid",
  (pointer, key) => {
    const definition =
      key.$ref === undefined ? key : { ...schema.$defs[key.$ref.slice(8) as "value"], ...key };
    expect(definition.title).toBeTruthy();
    expect(definition.description).toMatch(/\.$/);
    expect(definition.examples?.length).toBeGreaterThan(0);
    for (const example of definition.examples ?? []) {
      expect(ajv.validate(`${schema.$id}${pointer}`, example), JSON.stringify(ajv.errors)).toBe(true);
    }
  },
);

test("no map admits keys that the language does not have", () => {
  const open = (node: unknown, pointer: string): string[] => {
    if (typeof node !== "object" || node === null) return [];
    const isOpen = "properties" in node && "type" in node && !("additionalProperties" in node);
    return [
      ...(isOpen ? [pointer] : []),
      ...Object.entries(node).flatMap(([name, inner]) => open(inner, `${pointer}/${name}`)),
    ];
  };
  expect(open(schema, "#")).toEqual([]);
});
