import type { Clock } from "../context.ts";
import type { NotifyRequest } from "./request.ts";

const TIMEOUT = 10_000;
/** Milliseconds before each further try. */
const PAUSES = [1000, 3000, 9000];
/** Too early, too often, or the server's own trouble. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Sends it; `patient`: up to four times, within a minute, else once, within ten seconds. Never throws: what went wrong,
 * without the address (it is a secret); null: it arrived.
 */
export async function send(request: NotifyRequest, patient: boolean, clock: Clock): Promise<string | null> {
  for (const pause of patient ? PAUSES : []) {
    const answer = await attempt(request);
    if (answer.error === null || !answer.again) return answer.error;
    await clock.sleep(pause);
  }
  return (await attempt(request)).error;
}

interface Answer {
  readonly error: string | null;
  readonly again: boolean;
}

async function attempt({ url, method, headers, body }: NotifyRequest): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(url, { method, headers: { ...headers }, body, signal });
    await response.body?.cancel();
    if (response.ok) return { error: null, again: false };
    return { error: `HTTP status ${response.status}`, again: PASSING.has(response.status) };
  } catch (error) {
    return { error: wordsFor(error as Error), again: true };
  }
}

/** The errors of fetch name the host in their messages, but have a code. */
function wordsFor(error: Error): string {
  if (error.name === "TimeoutError") return `no answer within ${TIMEOUT / 1000} seconds`;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "no connection";
}
