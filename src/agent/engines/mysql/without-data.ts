/**
 * A message of the server (`ERROR 1064 ... near '...'`, `ERROR 1062 ... Duplicate entry '...' for key`) without the piece
 * of a statement or the value of a row that it quotes: it goes where everybody reads.
 */
export function withoutData(message: string): string {
  return message
    .replace(/ near '.*$/s, "")
    .replace(/(Duplicate entry) '.*'(?= for key )/s, "$1")
    .replace(/( value): '.*'(?= for )/s, "$1")
    .replace(/( value): '.*$/s, "$1");
}
