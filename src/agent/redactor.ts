const MASK = "[REDACTED]";
/** What is shorter is in every text: to mask it would garble all and hide nothing. */
const SHORTEST = 4;

/**
 * A function that masks the secrets in a text that somebody else wrote, also as they stand in JSON, in an address, in
 * base64 and with doubled quotes; and the user and password of any address.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const pattern = longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
  const known = pattern === "" ? null : new RegExp(pattern, "g");
  return (text) =>
    (known === null ? text : text.replace(known, MASK)).replaceAll(
      /(:\/\/)[^/\s@]+:[^/\s@]+(?=@)/g,
      `$1${MASK}`,
    );
}

function formsOf(secret: string): readonly string[] {
  return [
    secret,
    // Each line of a key.
    ...secret.split(/\r?\n/).filter((line) => line.length >= 16),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    secret.replaceAll("'", "''"),
    secret.replaceAll('"', '""'),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  ];
}
