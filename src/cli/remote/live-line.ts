import { progressLine } from "../agent/words.ts";

type Stream = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** Shows what an agent's command says on stderr. */
export interface LiveLine {
  line(text: string): void;
  /** Takes the live line away. */
  settle(): void;
}

interface Progress {
  readonly phase: string;
  readonly bytes?: number;
  readonly totalBytes?: number | null;
}

/** Erase in Line (ECMA-48). */
const ERASE = "\r\u001b[K";

/**
 * Lines go to the stream as they come, but for those that are progress as JSON: on a terminal they are one line that is
 * written over, elsewhere nothing. `now` is in milliseconds, monotonic.
 */
export function progressOn(stream: Stream, now: () => number = () => performance.now()): LiveLine {
  const live = stream.isTTY === true;
  let phase = "";
  let since = 0;
  let shown = false;
  const settle = () => {
    if (shown) stream.write(ERASE);
    shown = false;
  };
  return {
    line(text) {
      const progress = progressIn(text);
      if (progress === null) {
        settle();
        stream.write(`${text}\n`);
        return;
      }
      if (progress.phase !== phase) [phase, since] = [progress.phase, now()];
      if (!live) return;
      const line = progressLine(progress, (now() - since) / 1000);
      stream.write(ERASE + line.slice(0, (stream.columns || 80) - 1));
      shown = true;
    },
    settle,
  };
}

/** Null for a line that is for people. */
function progressIn(line: string): Progress | null {
  if (!line.startsWith('{"progress":')) return null;
  try {
    const { progress } = JSON.parse(line) as { progress?: Partial<Progress> };
    return typeof progress?.phase === "string" ? (progress as Progress) : null;
  } catch {
    return null;
  }
}
