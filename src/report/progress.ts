import type { Paint } from "./style.ts";

/** `[ 3/12]  14 s  container:db: kamal accessory reboot db -y`: a step that begins, its first line only. */
export function stepLine(
  number: number,
  of: number,
  seconds: number,
  change: string,
  step: string,
  paint: Paint,
): string {
  const width = String(of).length;
  const head = paint("bold", `[${String(number).padStart(width)}/${of}]`);
  const [first = "", ...rest] = step.split("\n");
  return `${head} ${elapsed(seconds)}  ${change}: ${first}${rest.length > 0 ? " ..." : ""}`;
}

/** Seconds as people read them: `42 s`, `3 min 5 s`. */
function elapsed(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
