/** A piece of output, under the label that announced it. */
export interface Frame {
  /** Words of the marker line. */
  readonly label: readonly string[];
  readonly body: string;
}

/**
 * Cuts output into frames. A frame starts with a line of the nonce and its label, and its body goes to the newline
 * before the next marker: arbitrary text is safe in it, because nobody who wrote it could know the nonce. What comes
 * before the first marker belongs to no frame.
 */
export function parseFrames(output: string, nonce: string): readonly Frame[] {
  const frames: { label: readonly string[]; lines: string[] }[] = [];
  for (const line of output.split("\n")) {
    if (line.startsWith(`${nonce} `))
      frames.push({ label: line.slice(nonce.length + 1).split(" "), lines: [] });
    else frames.at(-1)?.lines.push(line);
  }
  return frames.map(({ label, lines }) => ({ label, body: lines.join("\n") }));
}
