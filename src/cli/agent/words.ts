import { showBytes } from "../../model/bytes.ts";
import type { Details } from "../../model/ledger.ts";
import type { Progress } from "../../agent/context.ts";

/** Seconds as people read a wait: `45s`, `2m 5s`, `1h 20m`. */
export function showSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

/** How far a work is, in one line. `seconds` is how long this phase has taken so far. */
export function progressLine({ phase, bytes, totalBytes }: Progress, seconds: number): string {
  if (bytes === undefined) return phase;
  const rate = seconds >= 1 ? bytes / seconds : 0;
  const speed = rate === 0 ? "" : `, ${showBytes(rate)}/s`;
  if (totalBytes == null || totalBytes === 0) return `${phase}: ${showBytes(bytes)}${speed}`;
  const share = Math.min(99, Math.floor((bytes / totalBytes) * 100));
  const left = rate === 0 || bytes >= totalBytes ? "" : `, ${showSeconds((totalBytes - bytes) / rate)} left`;
  return `${phase}: ${showBytes(bytes)} of about ${showBytes(totalBytes)} (${share} %)${speed}${left}`;
}

/** What a job found or did, a line a figure; each ends with a newline. Bytes and seconds in their units. */
export function detailsText(details: Details): string {
  return Object.entries(details)
    .flatMap(([key, value]) => linesOf(key, value))
    .map((line) => `  ${line}\n`)
    .join("");
}

function linesOf(key: string, value: unknown): readonly string[] {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  if (Array.isArray(value)) return value.map((one) => `${wordOf(key)}: ${inLine(one)}`);
  return [`${wordOf(key)}: ${inLine(value, key)}`];
}

function inLine(value: unknown, key = ""): string {
  if (typeof value === "number" && /bytes$/.test(key)) return showBytes(value);
  if (typeof value === "number" && /seconds$/.test(key)) return showSeconds(value);
  if (Array.isArray(value)) return value.map((one) => inLine(one)).join("; ");
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).filter(([, inner]) => inner !== null && !isEmpty(inner));
  return parts.map(([name, inner]) => `${wordOf(name)} ${inLine(inner, name)}`).join(", ");
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function wordOf(key: string): string {
  return key.replaceAll("_", " ");
}
