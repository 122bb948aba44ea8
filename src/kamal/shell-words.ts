import { Failure } from "../errors.ts";

/** A word of a command line, and where it stands in it. */
export interface ShellWord {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** What a POSIX shell (and bash, which many hosts log in to) would expand or act on where it is not quoted. */
const ACTIVE = "$`*?[;&|<>(){}\n";

/**
 * The words of a command line as a POSIX shell splits it. Throws `manifest.command` for what the shell would expand,
 * and for an open quote: what it means cannot be known here.
 */
export function shellWords(command: string): ShellWord[] {
  const words: ShellWord[] = [];
  const end = command.trimEnd().length;
  const refuse = (what: string, at: number): never => {
    throw new Failure("manifest.command", `${what} at character ${at + 1} of the cmd: ${command.trim()}`);
  };
  let at = 0;
  while (at < end) {
    if (" \t".includes(command.charAt(at)) || (words.length === 0 && command.charAt(at) === "\n")) {
      at += 1;
      continue;
    }
    const start = at;
    let value = "";
    if ("~#".includes(command.charAt(at))) refuse(`the shell acts on ${command.charAt(at)}`, at);
    while (at < end && !" \t".includes(command.charAt(at))) {
      const character = command.charAt(at);
      if (character === "'") {
        const close = command.indexOf("'", at + 1);
        if (close === -1) refuse("a quote is open", at);
        value += command.slice(at + 1, close);
        at = close + 1;
      } else if (character === '"') {
        const open = at;
        at += 1;
        while (at < end && command.charAt(at) !== '"') {
          if ("$`".includes(command.charAt(at))) refuse(`the shell expands ${command.charAt(at)}`, at);
          if (command.charAt(at) === "\\" && '$`"\\\n'.includes(command.charAt(at + 1))) {
            at += 1;
            if (command.charAt(at) !== "\n") value += command.charAt(at);
          } else value += command.charAt(at);
          at += 1;
        }
        if (at >= end) refuse("a quote is open", open);
        at += 1;
      } else if (character === "\\") {
        if (at + 1 >= end) refuse("a backslash ends the line", at);
        if (command.charAt(at + 1) !== "\n") value += command.charAt(at + 1);
        at += 2;
      } else {
        if (ACTIVE.includes(character)) refuse(`the shell acts on ${JSON.stringify(character)}`, at);
        value += character;
        at += 1;
      }
    }
    words.push({ value, start, end: at });
  }
  return words;
}

/** The argv of a command line: {@link shellWords} without positions. */
export function splitCommand(command: string): string[] {
  return shellWords(command).map((word) => word.value);
}

/** A word that a shell reads as itself; quoted only where it needs to be. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
