/** Characters that no shell treats specially, so that a command stays readable. */
const PLAIN = /^[A-Za-z0-9_\-.,:/@%+=]+$/;

/**
 * The one place where argv becomes text: a command line that a POSIX shell splits back into exactly these arguments.
 * sshd hands a command to the user's login shell as one string (RFC 4254, 6.5).
 */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellWord).join(" ");
}

/** One argument as a shell word. */
export function shellWord(argument: string): string {
  // A leading `=` is zsh's command lookup, and `NAME=value` in front of a command an assignment.
  if (PLAIN.test(argument) && !argument.includes("=")) return argument;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}
