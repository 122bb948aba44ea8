/** What the server and pg_restore say after an error: rows of users, and statements that may hold passwords. */
const BLOCK = /^(?:DETAIL|CONTEXT|QUERY|STATEMENT|LINE \d+|Command was):/;

/** The next thing that a program says itself; lines before it belong to the block, as values have newlines in them. */
const NEXT = /^pg_\w+: /;

/** A message that quotes a value of a row, at its end or (`value "70000" is out of range for type smallint`) before. */
const LAST_VALUE = /((?:invalid input|malformed)[^:"]*|out of range): ".*$/;
const VALUE = /(value) ".*"(?= is out of range)/;

/** What pg_restore said, without rows and statements: it goes where everybody reads. */
export function withoutRows(text: string): string {
  let inBlock = false;
  const kept = text.split("\n").filter((line) => {
    if (BLOCK.test(line)) inBlock = true;
    else if (NEXT.test(line)) inBlock = false;
    return !inBlock;
  });
  return kept.map((line) => line.replace(LAST_VALUE, "$1").replace(VALUE, "$1")).join("\n");
}
