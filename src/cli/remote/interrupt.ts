type Signal = "SIGINT" | "SIGTERM";

/**
 * What the work gives, and the first signal that came meanwhile. Every signal calls `interrupt`; the work decides when
 * it ends. A closed terminal (SIGHUP) counts as SIGTERM.
 */
export async function whileInterruptible<T>(
  work: Promise<T>,
  interrupt: () => void,
): Promise<{ readonly value: T; readonly signal: Signal | null }> {
  let first: Signal | null = null;
  const onSignal = (name: NodeJS.Signals) => {
    if (first === null)
      process.stderr.write("\nAsking it to end; a second signal asks harder, a third gives up.\n");
    first ??= name === "SIGINT" ? "SIGINT" : "SIGTERM";
    interrupt();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  try {
    const value = await work;
    return { value, signal: first };
  } finally {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, onSignal);
  }
}
