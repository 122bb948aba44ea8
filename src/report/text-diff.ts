import { structuredPatch } from "diff";
import type { TextChange } from "../model/change.ts";
import type { Paint } from "./style.ts";

/** Unified diff with three lines of context, without the two lines of file names; empty when nothing differs. */
export function textDiff({ path, before, after }: TextChange, paint: Paint): string {
  const { hunks } = structuredPatch(path, path, before, after, undefined, undefined, { context: 3 });
  return hunks
    .flatMap((hunk) => [
      paint("cyan", `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
      ...hunk.lines.map((line) => paintLine(line, paint)),
    ])
    .join("\n");
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith("+")) return paint("green", line);
  if (line.startsWith("-")) return paint("red", line);
  return line.trimEnd();
}
