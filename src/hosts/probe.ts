import { randomBytes } from "node:crypto";
import { Failure } from "../errors.ts";
import type { ContainerProbe } from "../model/probe.ts";
import type { Hosts } from "./hosts.ts";
import { readProbe } from "./probe-answer.ts";
import { type ContainerRequest, probeScript } from "./probe-script.ts";

export type { ContainerRequest, FactQuestion } from "./probe-script.ts";

const PROBE_TIMEOUT_SECONDS = 60;

/**
 * Everything asked of a host's containers, by accessory, in one round trip. A host that cannot be reached, or that
 * answers with something that is not understood, makes its containers unknown with the reason; absent is only what
 * docker itself says is not there. Throws nothing but `host.interrupted`.
 */
export async function probeHost(
  hosts: Hosts,
  host: string,
  requests: readonly ContainerRequest[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<Record<string, ContainerProbe>> {
  if (requests.length === 0) return {};
  const nonce = `kb-${randomBytes(16).toString("hex")}`;
  try {
    const { stdout, stderr } = await hosts.exec(host, ["sh"], {
      stdin: probeScript(requests, nonce),
      timeoutSeconds: PROBE_TIMEOUT_SECONDS,
      ...options,
    });
    return readProbe(requests, nonce, stdout, stderr);
  } catch (error) {
    if (!(error instanceof Failure) || !error.code.startsWith("host.") || error.code === "host.interrupted")
      throw error;
    const reason = [error.message, error.detail, error.todo].filter(Boolean).join(". ");
    return Object.fromEntries(requests.map(({ accessory }) => [accessory, { status: "unknown", reason }]));
  }
}
