import { Composer, LineCounter, Parser } from "yaml";
import type { CST, Document, ErrorCode, YAMLError } from "yaml";
import type { Place } from "./diagnostic.ts";

/** Past this the composer's recursion, and a reader, are at risk; the language needs 7 levels. */
const MAX_DEPTH = 64;
const MAX_LENGTH = 1_000_000;

/** After any other fault the parser is lost: what it says from there on is noise. */
const LOCAL_FAULTS: ReadonlySet<ErrorCode> = new Set([
  "DUPLICATE_KEY",
  "TAB_AS_INDENT",
  "NON_STRING_KEY",
  "BAD_SCALAR_START",
  "BAD_DQ_ESCAPE",
  "BAD_DIRECTIVE",
]);

export interface Fault {
  readonly place: Place;
  readonly message: string;
  readonly expected?: string;
}

export interface Syntax {
  /** Null when there is none that could be walked. */
  readonly document: Document.Parsed | null;
  readonly faults: readonly Fault[];
  /** The structure cannot be trusted: what else would be said of the text is likely wrong. */
  readonly broken: boolean;
  /** The place from one offset to another, cut at the end of its line. */
  readonly place: (from: number, to: number) => Place;
}

/** Text to YAML 1.2 nodes, with every fault of syntax. Never throws, whatever the text. */
export function readSyntax(file: string, text: string): Syntax {
  const place = placer(file, text);
  const start = place(0, 1);
  const refuse = (message: string): Syntax => ({
    document: null,
    faults: [{ place: start, message }],
    broken: true,
    place,
  });
  if (text.length > MAX_LENGTH) return refuse(`the file is longer than ${MAX_LENGTH} characters`);
  const tokens = [...new Parser().parse(text)];
  if (tokens.some((token) => isDeeperThan(token, MAX_DEPTH))) {
    return refuse(`values are nested more than ${MAX_DEPTH} levels deep`);
  }
  const composer = new Composer({ merge: true, prettyErrors: false, stringKeys: true, logLevel: "silent" });
  const documents = [...composer.compose(tokens, true, text.length)];
  const errors = documents
    .flatMap((document) => [...document.errors, ...document.warnings])
    .filter((error) => error.code !== "TAG_RESOLVE_FAILED")
    .sort((a, b) => a.pos[0] - b.pos[0]);
  const lost = errors.find((error) => !LOCAL_FAULTS.has(error.code));
  const faults: Fault[] = errors
    .filter((error) => error === lost || LOCAL_FAULTS.has(error.code))
    .map((error) => ({ place: place(...error.pos), ...explain(error) }));
  const broken = errors.some((error) => error.code !== "DUPLICATE_KEY");
  const second = documents[1];
  if (second !== undefined) {
    faults.push({
      place: place(second.range[0], second.range[0] + 3),
      message: "a second document starts here",
      expected: "one document a file",
    });
  }
  const document = documents[0] as Document.Parsed | undefined;
  if (document?.directives.yaml.explicit === true) {
    faults.push({ place: start, message: "a %YAML directive does not belong into a policy" });
  }
  return { document: document ?? null, faults, broken, place };
}

function placer(file: string, text: string): Syntax["place"] {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
  return (from, to) => {
    const { line, col } = lines.linePos(Math.min(from, text.length));
    const newline = text.indexOf("\n", from);
    const end = text.slice(from, Math.min(to, newline === -1 ? text.length : newline)).trimEnd().length;
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), length: Math.max(end, 1) };
  };
}

/** Without recursion: the very thing that this guards. */
function isDeeperThan(token: CST.Token, limit: number): boolean {
  const open: { token: CST.Token; depth: number }[] = [{ token, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.depth > limit) return true;
    const depth = next.depth + 1;
    if (next.token.type === "document" && next.token.value) open.push({ token: next.token.value, depth });
    if (!("items" in next.token)) continue;
    for (const { key, value } of next.token.items as CST.CollectionItem[]) {
      if (key) open.push({ token: key, depth });
      if (value) open.push({ token: value, depth });
    }
  }
  return false;
}

/** In words, never with the text itself: the library quotes it in some messages, and it may be a secret. */
function explain({ code, message }: YAMLError): { message: string; expected?: string } {
  switch (code) {
    case "DUPLICATE_KEY":
      return { message: "this key is there twice", expected: "each key once in its map" };
    case "TAB_AS_INDENT":
      return { message: "a tab is used as indentation", expected: "spaces" };
    case "NON_STRING_KEY":
      return { message: "a key is not plain text", expected: "plain text before the `:`" };
    case "MISSING_CHAR":
      return {
        message: message.includes("quote") ? "a closing quote is missing" : "a character is missing here",
      };
    case "BAD_INDENT":
      return { message: "the indentation does not fit what is above, or a bracket was not closed" };
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return {
        message: "this is not `key: value`",
        expected:
          "one `key: value` a line, indented like its neighbours; quotes around text that contains `: `",
      };
    case "BAD_SCALAR_START":
      return { message: "text cannot start with this character", expected: "quotes around it" };
    case "BAD_DQ_ESCAPE":
      return {
        message: "no such escape sequence",
        expected: "single quotes, in which a backslash is itself",
      };
    case "BAD_DIRECTIVE":
      return { message: "a directive does not belong into a policy" };
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
    case "MULTIPLE_ANCHORS":
      return { message: "an anchor or alias is misplaced" };
    default:
      return { message: "this is not YAML", expected: "a map of `key: value` lines" };
  }
}
