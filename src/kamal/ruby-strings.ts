const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\f": "\\f",
  "\v": "\\v",
  "\b": "\\b",
  "\u0007": "\\a",
  "\u001b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
};

/**
 * Ruby's `String#dump` without its quotes, over the ASCII characters only: Kamal leaves the others as they are
 * (lib/kamal/env_file.rb, lib/kamal/utils.rb).
 */
function dump(value: string): string {
  // Kamal dumps runs of ASCII one by one, so `#` at the end of a run is never followed by what makes it special.
  return value.replaceAll(/#(?=[{$@])|["\\]|[\u0000-\u001f\u007f]/g, (character) => {
    if (character === "#") return "\\#";
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
    return ESCAPES[character] ?? `\\x${code}`;
  });
}

/**
 * What a container gets for a secret: Kamal writes `String#dump` into its env file, and docker reads a line of an env
 * file literally. A newline arrives as the two characters `\n`, a backslash as two (lib/kamal/env_file.rb).
 */
export function encodeEnvValue(value: string): string {
  return dump(value).replaceAll('\\"', '"').replaceAll("\\#", "#");
}

/**
 * What a container gets for a clear env value, a label or an option: Kamal's `escape_shell_value`, read back by the
 * host's shell. `${NAME}` is the one thing that Kamal leaves to that shell, and it stays as it is here: its value is
 * the host's (lib/kamal/utils.rb).
 */
export function shellArgument(value: string): string {
  // Inside double quotes the shell removes a backslash only before $ ` " \ (POSIX 2.2.3), and Kamal escapes $ and `.
  return dump(value).replaceAll(/\\(["\\])/g, "$1");
}
