import {
  contains,
  LEFT_TO_RIGHT,
  MAPPED_TO_NOTHING,
  NON_ASCII_SPACE,
  PROHIBITED,
  RIGHT_TO_LEFT,
  UNASSIGNED,
} from "./stringprep.ts";

/**
 * A password as Postgres hashes it: prepared with SASLprep (RFC 4013), or as it is where SASLprep refuses it. The
 * order is that of pg_saslprep in Postgres' src/common/saslprep.c, whose checks look at the text before normalization;
 * another order would make verifiers of rare passwords that no client can log in with.
 */
export function preparePassword(password: string): string {
  const isAscii = [...password].every((char) => char.charCodeAt(0) < 0x80);
  if (isAscii) return password;
  const mapped = [...password]
    .map((char) => (contains(NON_ASCII_SPACE, codeOf(char)) ? " " : char))
    .filter((char) => !contains(MAPPED_TO_NOTHING, codeOf(char)));
  const codes = mapped.map(codeOf);
  if (codes.length === 0 || codes.some(isRefused) || !isOneDirection(codes)) return password;
  return mapped.join("").normalize("NFKC");
}

function codeOf(char: string): number {
  return char.codePointAt(0) as number;
}

function isRefused(code: number): boolean {
  return contains(PROHIBITED, code) || contains(UNASSIGNED, code);
}

/** RFC 3454, section 6. */
function isOneDirection(codes: readonly number[]): boolean {
  const isRightToLeft = (code: number | undefined) => code !== undefined && contains(RIGHT_TO_LEFT, code);
  if (!codes.some(isRightToLeft)) return true;
  if (codes.some((code) => contains(LEFT_TO_RIGHT, code))) return false;
  return isRightToLeft(codes[0]) && isRightToLeft(codes.at(-1));
}
