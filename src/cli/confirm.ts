import { createInterface } from "node:readline/promises";

/** Whether the user types `yes`. */
export async function confirm(question: string, stop: AbortSignal): Promise<boolean> {
  return (await ask(question, stop)) === "yes";
}

/** What the user types, trimmed; nothing when the input ends. Ctrl-C stays a signal: the terminal is not in raw mode. */
export async function ask(question: string, stop: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    return (await Promise.race([terminal.question(question, { signal: stop }), ended])).trim();
  } catch {
    return "";
  } finally {
    terminal.close();
  }
}
