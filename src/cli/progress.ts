import type { ApplyEvent } from "../engine/execute.ts";
import { stepLine } from "../report/progress.ts";
import type { Paint } from "../report/style.ts";

const WORDS = {
  locking: "Taking Kamal's deploy lock",
  observing: "Observing",
  verifying: "Observing again",
  releasing: "Releasing the deploy lock",
} as const;

/**
 * Tells on a stream what apply does: a line a step, and on a terminal one line that is written over with how it goes.
 * `now` is in milliseconds, monotonic.
 */
export function progressTo(
  stream: NodeJS.WriteStream,
  paint: Paint,
  now: () => number,
): (event: Exclude<ApplyEvent, { event: "planned" }>) => void {
  const started = now();
  const live = stream.isTTY === true;
  // Erase in Line (ECMA-48): what the line held before.
  const line = (text: string) => stream.write(live ? `\r\u001b[K${text}\n` : `${text}\n`);
  return (event) => {
    switch (event.event) {
      case "step":
        line(stepLine(event.number, event.of, (now() - started) / 1000, event.change, event.step, paint));
        return;
      case "rollback":
        line(`${paint("yellow", "putting back")} ${event.change}: ${event.step}`);
        return;
      case "progress":
        if (live) stream.write(`\r\u001b[K${paint("dim", event.text.slice(0, stream.columns - 1))}`);
        return;
      default:
        line(paint("dim", WORDS[event.event]));
    }
  };
}
