/**
 * A tag as restic stores it: it splits at commas and trims (restic/internal/data/tag_list.go), so these, and the
 * percent sign that stands for them, are written as `%XX`.
 */
export function escapeTag(tag: string): string {
  return tag.replace(/[%,]|^\s+|\s+$/g, (text) => encodeURIComponent(text).replace(",", "%2C"));
}

/** The tag that `escapeTag` was given; one that it never made comes back as it is. */
export function unescapeTag(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    return tag;
  }
}
