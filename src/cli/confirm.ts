import { createInterface } from "node:readline/promises";

/** Whether the user types `yes`. Ctrl-C stays a signal: the terminal is not in raw mode. */
export async function confirm(question: string, stop: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    return (await Promise.race([terminal.question(question, { signal: stop }), ended])).trim() === "yes";
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
