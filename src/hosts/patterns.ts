/**
 * Whether a name matches a pattern list of OpenSSH (ssh_config(5), PATTERNS): `*` and `?`, and `!` in front of a
 * pattern that must not match. Names are compared in lower case, as OpenSSH does with host names.
 */
export function matchesPatternList(patterns: readonly string[], name: string): boolean {
  const subject = name.toLowerCase();
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(pattern.slice(1), subject)) return false;
    } else if (matchesPattern(pattern, subject)) matched = true;
  }
  return matched;
}

// Greedy with one point to fall back to: linear where a regular expression with many stars would be exponential.
function matchesPattern(pattern: string, subject: string): boolean {
  const wanted = pattern.toLowerCase();
  let p = 0;
  let s = 0;
  let star = -1;
  let resume = 0;
  while (s < subject.length) {
    if (wanted[p] === "*") {
      star = p++;
      resume = s;
    } else if (p < wanted.length && (wanted[p] === "?" || wanted[p] === subject[s])) {
      p++;
      s++;
    } else if (star >= 0) {
      p = star + 1;
      s = ++resume;
    } else return false;
  }
  while (wanted[p] === "*") p++;
  return p === wanted.length;
}
