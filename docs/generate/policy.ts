import { readFileSync } from "node:fs";
import schema from "../../schemas/backup-policy.v1.schema.json" with { type: "json" };

const PAGE = new URL("../policy.md", import.meta.url);
const BEGIN = "<!-- reference: generated from the schema by docs/generate/policy.ts -->";
const END = "<!-- /reference -->";

interface Node {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
  readonly items?: Node;
}

/** A map with keys of its own, at its path in a policy. */
interface Section {
  readonly path: string;
  readonly node: Node;
}

/** The reference: a table of keys for every map of the language, in Markdown. */
function policyReference(): string {
  const sections = sectionsOf({ path: "", node: schema as Node });
  return sections
    .map(({ path, node }) => `### ${path === "" ? "The document" : `\`${path}\``}\n\n${table(node)}`)
    .join("\n\n");
}

/** docs/policy.md with its reference between the markers replaced. */
function withReference(page: string): string {
  const [head, rest = ""] = page.split(BEGIN);
  return `${head}${BEGIN}\n\n${policyReference()}\n\n${END}${rest.split(END)[1] ?? ""}`;
}

/** A place that a map was described at already is not repeated: a backup of files is a backup. */
function sectionsOf(root: Section): readonly Section[] {
  const described = new Set<string>();
  const walk = ({ path, node: written }: Section): Section[] => {
    if (written.$ref !== undefined) {
      if (described.has(written.$ref)) return [];
      described.add(written.$ref);
    }
    const node = definition(written);
    const { properties, additionalProperties, items } = node;
    const inner = Object.entries(properties ?? {}).flatMap(([key, value]) =>
      walk({ path: path === "" ? key : `${path}.${key}`, node: value }),
    );
    const named =
      typeof additionalProperties === "object"
        ? walk({ path: `${path}.<name>`, node: additionalProperties })
        : [];
    const listed = items === undefined ? [] : walk({ path: `${path}[]`, node: items });
    const isValue = properties !== undefined && Object.keys(properties).join() === "secret";
    return [
      ...(properties === undefined || isValue ? [] : [{ path, node }]),
      ...(isValue ? [] : inner),
      ...named,
      ...listed,
    ];
  };
  return walk(root);
}

function definition(node: Node): Node {
  if (node.$ref === undefined) return node;
  const name = node.$ref.replace("#/$defs/", "");
  return { ...(schema.$defs as Record<string, Node>)[name], ...node };
}

function table({ properties = {}, required = [] }: Node): string {
  const rows = Object.entries(properties).map(([key, written]) => {
    const node = definition(written);
    const needed = required.includes(key)
      ? "required"
      : "default" in node
        ? `\`${String(node.default)}\``
        : "";
    const values = node.enum?.map((value) => `\`${value}\``).join(", ") ?? node.title ?? "";
    return [`\`${key}\``, node.description ?? "", values, needed, `\`${example(node.examples?.[0])}\``];
  });
  return [["key", "meaning", "value", "default", "example"], ["---", "---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** A value in YAML's flow style. */
function example(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(example).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${example(inner)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  const isPlain = typeof value !== "string" || /^[\w./][\w ./:-]*$/.test(value);
  return isPlain && !/: /.test(String(value)) ? String(value) : JSON.stringify(value);
}

/** docs/policy.md with its tables as they follow from the schema; the rest of it is written by hand. */
export function policyPage(): string {
  return withReference(readFileSync(PAGE, "utf8"));
}
