/** One entry of a dotenv file. */
export interface DotenvEntry {
  readonly name: string;
  /** Its value is made by a command: `$(...)` outside single quotes. */
  readonly command: boolean;
}

/** A line as the dotenv gem scans it (lib/dotenv/parser.rb, LINE). */
const LINE =
  /^\s*(?:export\s+)?([\w.]+)(?:(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|[^#\n]+)?)?\s*(?:#.*)?$/gm;

/** The entries of a dotenv file in the order in which they are first named, which is the order Kamal prints them in. */
export function dotenvEntries(text: string): DotenvEntry[] {
  const entries = new Map<string, DotenvEntry>();
  for (const [, name = "", value = ""] of text.replaceAll(/\r\n?/g, "\n").matchAll(LINE)) {
    const command = !value.trimStart().startsWith("'") && /(?<!\\)\$\(/.test(value);
    entries.set(name, { name, command });
  }
  return [...entries.values()];
}
