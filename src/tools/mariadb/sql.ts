/** A name as SQL writes it, whatever is in it. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A string as SQL writes it under the default SQL mode, in which a backslash escapes. */
export function literal(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/**
 * Rows of `--batch --skip-column-names`: a line each, tabs between the values, and in them `\t \n \0 \\` escaped.
 * A NULL is the text `NULL`, so ask for values that cannot be NULL.
 */
export function parseRows(output: string): string[][] {
  const lines = output.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.split("\t").map(unescaped));
}

const ESCAPED: Readonly<Record<string, string>> = { t: "\t", n: "\n", "0": "\0", "\\": "\\" };

function unescaped(value: string): string {
  return value.replace(/\\([tn0\\])/g, (_, letter: string) => ESCAPED[letter] ?? letter);
}
