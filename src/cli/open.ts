import type { GlobalOptions } from "./options.ts";
import type { Session } from "./session.ts";

/**
 * Opens a session with Kamal started before the rest of the program is even loaded: nothing takes longer than Ruby.
 * @throws Failure of the policy, Kamal, the secrets, or the topology.
 */
export async function open(options: GlobalOptions): Promise<Session> {
  const { startKamal } = await import("./start-kamal.ts");
  const directory = process.cwd();
  const guess = options.configFile === "config/deploy.yml" ? null : (options.configFile ?? null);
  const started = startKamal(directory, guess, options.destination ?? null);
  const { openSession } = await import("./session.ts");
  try {
    return await openSession(options, directory, started);
  } catch (error) {
    // Kamal outlives this process otherwise, and goes on to evaluate the secrets.
    started.stop();
    throw error;
  }
}
