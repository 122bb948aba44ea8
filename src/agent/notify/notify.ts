import type { AgentNotification } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { isWanted } from "./event.ts";
import type { NotifyEvent } from "./event.ts";
import { pingRequest, webhookRequest } from "./request.ts";
import { send } from "./send.ts";

type NotifyContext = Pick<AgentContext, "policy" | "reveal" | "log" | "clock" | "signal">;

/**
 * Tells an event to whom the policy says. Never throws; what did not arrive is logged. Takes a minute at most, and ten
 * seconds for a start (its end says more) and while all is being stopped.
 */
export async function notify(event: NotifyEvent, context: NotifyContext): Promise<void> {
  const wanted = context.policy.notify.filter((notification) => isWanted(notification, event));
  await Promise.all(
    wanted.map(async (notification) => {
      const wrong = await tell(notification, event, context);
      if (wrong === null) return;
      const subject = event.run.target ?? event.run.repository;
      const number = context.policy.notify.indexOf(notification) + 1;
      context.log(
        `notification ${number} (${notification.type}) of ${event.run.job} ${subject} failed: ${wrong}`,
      );
    }),
  );
}

async function tell(
  { url, type }: AgentNotification,
  event: NotifyEvent,
  { policy, reveal, clock, signal }: NotifyContext,
): Promise<string | null> {
  let address: string;
  try {
    address = new URL(reveal(url)).href;
  } catch {
    return "its address is no URL, or not set";
  }
  const request =
    type === "ping" ? pingRequest(address, event) : webhookRequest(address, policy.app, policy.host, event);
  return send(request, event.on !== "start" && !signal.aborted, clock);
}
