import type { Diagnostic } from "./diagnostic.ts";
import { literalSecrets, redactLine } from "./redact.ts";
import type { ShownLine } from "./redact.ts";
import type { SourceFile } from "./source.ts";
import { parsePolicy } from "./parse.ts";

/** How much of a long line is shown, in columns. */
const WIDTH = 100;

/**
 * Diagnostics as people read them: place, what is wrong, the line with a caret, what was expected. Secrets that were
 * written into the policy are masked.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): string {
  const showLine = lineReader(files);
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, showLine(diagnostic))).join("\n\n");
}

function renderDiagnostic(diagnostic: Diagnostic, line: ShownLine): string {
  const { severity, file, line: number, column, path, message, expected, suggestion } = diagnostic;
  const gutter = " ".repeat(String(number).length);
  const start = line.columnOf(column) - 1;
  const window = windowed(line.text, start, line.columnOf(column + diagnostic.length) - 1 - start);
  return [
    `${file}:${number}:${column}: ${severity}: ${path === "" ? "" : `${path}: `}${message}`,
    `  ${number} | ${window.text}`,
    `  ${gutter} | ${window.pad}${"^".repeat(window.length)}`,
    ...(expected === undefined ? [] : [`  ${gutter} = expected: ${expected}`]),
    ...(suggestion === undefined ? [] : [`  ${gutter} = did you mean \`${suggestion}\`?`]),
  ]
    .map(printable)
    .join("\n");
}

/** The part of a line around a caret. */
function windowed(
  line: string,
  start: number,
  length: number,
): { text: string; pad: string; length: number } {
  const from = start + length > WIDTH ? Math.max(0, start - WIDTH / 2) : 0;
  const lead = from > 0 ? "…" : "";
  const cut = line.slice(from, from + WIDTH);
  const text = `${lead}${cut}${from + WIDTH < line.length ? "…" : ""}`;
  const pad = `${lead}${line.slice(from, start)}`.replaceAll(/[^\t]/g, " ");
  return { text, pad, length: Math.max(1, Math.min(length, cut.length - (start - from))) };
}

/** Control characters as dots: the text may be anything, and goes to a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\t" ? character : "·",
  );
}

function lineReader(files: readonly SourceFile[]): (at: Diagnostic) => ShownLine {
  const known = new Map(
    files.map(({ path, text }) => {
      const { root } = parsePolicy(path, text);
      return [path, { lines: text.split(/\r?\n/), literals: root === null ? null : literalSecrets(root) }];
    }),
  );
  return ({ file, line }) => {
    const { lines, literals } = known.get(file) ?? { lines: [], literals: null };
    return redactLine(lines, line, literals?.filter((place) => place.line === line) ?? null);
  };
}
