import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar } from "yaml";
import type { Document, Node } from "yaml";

/** A value as Ruby dumped it. Numbers are text, the way Ruby writes them: `1.0` stays `1.0`, as in a command line. */
export type RubyValue = string | boolean | null | RubyValue[] | { [key: string]: RubyValue };

/**
 * Reads what Ruby's `to_yaml` wrote: symbols are their names, `!ruby/object` tags are passed over. Lines before the
 * `---` are not part of it (ERB of deploy.yml may print). Undefined when it cannot be read.
 */
export function parseRubyYaml(text: string): RubyValue | undefined {
  const start = text.search(/^---(\s|$)/m);
  if (start === -1) return undefined;
  const document = parseDocument(text.slice(start), { logLevel: "silent", uniqueKeys: false });
  if (document.errors.length > 0) return undefined;
  return rubyValue(document.contents, document);
}

function rubyValue(node: unknown, document: Document): RubyValue {
  if (isAlias(node)) return rubyValue(node.resolve(document), document);
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map((pair) => [text(pair.key as Node), rubyValue(pair.value, document)]),
    );
  }
  if (isSeq(node)) return node.items.map((item) => rubyValue(item, document));
  if (!isScalar(node)) return null;
  if (node.type !== Scalar.PLAIN) return String(node.value);
  if (node.value === null || typeof node.value === "boolean") return node.value;
  return text(node);
}

function text(node: unknown): string {
  if (!isScalar(node)) return "";
  const source = node.source ?? String(node.value);
  return node.type === Scalar.PLAIN && /^:\S/.test(source) ? source.slice(1) : source;
}

export function isHash(value: unknown): value is { [key: string]: RubyValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Ruby's `to_s`. */
export function toText(value: RubyValue | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}

/** Ruby's `Array(value)`, of texts. */
export function toTexts(value: RubyValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(toText);
}

/** ActiveSupport's `present?`. */
export function isPresent(value: RubyValue | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value === "string") return value.trim() !== "";
  return typeof value === "boolean" || Object.keys(value).length > 0;
}
