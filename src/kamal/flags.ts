import { Failure } from "../errors.ts";
import { quoteWord, shellWords } from "./shell-words.ts";
import type { ShellWord } from "./shell-words.ts";

/** One `-c name=value`, `-cname=value` or `--name=value` of a postgres command line. */
interface Flag {
  readonly name: string;
  /** What stands before the value in its own word: `name=`, `-cname=`, `--name=`. */
  readonly lead: string;
  readonly value: string;
  /** The word that holds the value. */
  readonly word: ShellWord;
  /** Where the flag starts: at `-c` when that is a word of its own. */
  readonly start: number;
}

/**
 * The server settings that a cmd sets, by name in lower case and with underscores. As in Postgres the last one wins
 * (postgresql.org/docs/current/app-postgres.html). Empty for no cmd. Throws `manifest.command` for a cmd that is not
 * understood.
 */
export function readFlags(cmd: string | null): Record<string, string> {
  return Object.fromEntries(flagsOf(cmd ?? "").map((flag) => [flag.name, flag.value]));
}

/**
 * The cmd with these settings and without those names. Every other flag, its spelling and the order stay; a setting
 * that is there is replaced where it takes effect, missing ones are added at the end by name. The same again changes
 * nothing. No cmd is the image's own: `postgres`.
 */
export function editFlags(
  cmd: string | null,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
): string {
  const text = cmd === null || cmd.trim() === "" ? "postgres" : cmd;
  const wanted = new Map(Object.entries(set).map(([name, value]) => [normal(name), value]));
  const gone = new Set(remove.map(normal).filter((name) => !wanted.has(name)));
  const flags = flagsOf(text);
  const changes = flags.flatMap((flag, index) => {
    const overridden = flags.findLastIndex((other) => other.name === flag.name) !== index;
    const value = wanted.get(flag.name);
    if (gone.has(flag.name) || (value !== undefined && overridden)) {
      return [{ start: text.slice(0, flag.start).trimEnd().length, end: flag.word.end, text: "" }];
    }
    if (value === undefined || value === flag.value) return [];
    return [{ start: flag.word.start, end: flag.word.end, text: quoteWord(flag.lead + value) }];
  });
  const edited = changes.reduceRight(
    (all, change) => all.slice(0, change.start) + change.text + all.slice(change.end),
    text,
  );
  const missing = [...wanted]
    .filter(([name]) => !flags.some((flag) => flag.name === name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ` -c ${quoteWord(`${name}=${value}`)}`);
  return missing.length === 0 ? edited : edited.trimEnd() + missing.join("");
}

/** Postgres reads `-` as `_` in a name, and any case (ParseLongOption, guc_name_compare). */
function normal(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

function flagsOf(cmd: string): Flag[] {
  const words = shellWords(cmd);
  const first = words.findIndex((word) => word.value.startsWith("-"));
  const program = words[(first === -1 ? words.length : first) - 1];
  if (program !== undefined && !/(^|\/)postgres$/.test(program.value)) {
    throw new Failure("manifest.command", `the flags of this cmd are not those of postgres: ${cmd.trim()}`);
  }
  const flags: Flag[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as ShellWord;
    const next = words[index + 1];
    if (word.value === "-c" && next !== undefined) {
      flags.push(...flag(next, "", word.start));
      index += 1;
    } else if (word.value.startsWith("--")) flags.push(...flag(word, "--", word.start));
    else if (word.value.startsWith("-c")) flags.push(...flag(word, "-c", word.start));
  }
  return flags;
}

function flag(word: ShellWord, prefix: string, start: number): Flag[] {
  const equals = word.value.indexOf("=");
  if (equals === -1) return [];
  const lead = word.value.slice(0, equals + 1);
  return [
    { name: normal(lead.slice(prefix.length, -1)), lead, value: word.value.slice(equals + 1), word, start },
  ];
}
