/** One ERB tag of a text. */
export interface ErbTag {
  readonly start: number;
  /** Just after `%>`. */
  readonly end: number;
  /** How many blocks of Ruby (`if`, `each do` ...) are open after it, less before it. */
  readonly depth: number;
}

/** What stands for ERB in the masked text: a private character, which no deploy.yml has. */
export const MASK = "\uE000";

/**
 * The text with every ERB tag masked by as many characters, so that YAML can be parsed and its offsets hold: a tag
 * that has its lines to itself becomes comments, another one a word. `<%%` is ERB's way to write `<%` and stays.
 */
export function maskErb(text: string): { masked: string; tags: ErbTag[] } {
  const tags: ErbTag[] = [];
  let masked = "";
  let done = 0;
  for (const match of text.matchAll(/<%(%?)(?:([\s\S]*?)%>)?/g)) {
    if (match[1] === "%" || match.index < done) continue;
    // An open tag runs to the end of the text, as in ERB.
    const end = match[2] === undefined ? text.length : match.index + match[0].length;
    tags.push({ start: match.index, end, depth: depthOf(match[2] ?? "") });
    masked += text.slice(done, match.index) + maskOf(text, match.index, end);
    done = end;
  }
  return { masked: masked + text.slice(done), tags };
}

/** How many blocks of Ruby are open at the offset. */
export function depthAt(tags: readonly ErbTag[], offset: number): number {
  return tags.filter((tag) => tag.start < offset).reduce((depth, tag) => depth + tag.depth, 0);
}

/** The tag at which blocks do not come out even, so that they cannot be told from here; undefined when they do. */
export function unevenTag(tags: readonly ErbTag[]): ErbTag | undefined {
  const negative = tags.find((tag) => depthAt(tags, tag.end) < 0);
  if (negative !== undefined) return negative;
  return depthAt(tags, Number.POSITIVE_INFINITY) === 0 ? undefined : tags.findLast((tag) => tag.depth > 0);
}

/** Nothing else is on the tag's lines. */
export function standsAlone(text: string, tag: Pick<ErbTag, "start" | "end">): boolean {
  const before = text.slice(text.lastIndexOf("\n", tag.start - 1) + 1, tag.start);
  const after = (/[^\n]*/.exec(text.slice(tag.end)) as RegExpExecArray)[0];
  return (before + after).trim() === "";
}

function maskOf(text: string, start: number, end: number): string {
  const alone = standsAlone(text, { start, end });
  const lines = text.slice(start, end).split("\n");
  return lines
    .map((line, index) => {
      const body = line.endsWith("\r") ? line.slice(0, -1) : line;
      const fill = alone ? `#${MASK.repeat(body.length)}` : (index === 0 ? MASK : " ").repeat(body.length);
      return fill.slice(0, body.length) + line.slice(body.length);
    })
    .join("\n");
}

/** Counts Ruby's block openers and `end`s; what it cannot count right does not come out even over the whole file. */
function depthOf(tag: string): number {
  if (/^[=#]/.test(tag)) return 0;
  const code = tag
    .replace(/^-|-$/g, "")
    .replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""')
    .replace(/#.*$/gm, "");
  const loops = /\b(while|until|for)\b.*\bdo\b/g;
  const openers = /(?:^|[;=(\n])\s*(?:if|unless|case|while|until|for|begin|def)\b|\bdo\b|\{/g;
  const count = (pattern: RegExp): number => [...code.matchAll(pattern)].length;
  return count(openers) - count(loops) - count(/\bend\b|\}/g);
}
