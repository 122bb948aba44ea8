import { expect } from "vitest";
import { canariesBelow, canariesIn, canariesOnHost } from "../../support/canaries.ts";
import { onHost, transcript } from "../../support/lab.ts";
import { AGENT_CONTAINER } from "../support.ts";

/**
 * No secret is in an argument, a label, a log, the agent's state, the checkout, or anything printed; names of databases
 * and users are none.
 * @param argv command lines that were seen on the host
 */
export function expectNoCanary(
  canaries: Readonly<Record<string, string>>,
  directory: string,
  since: Date,
  argv: ReadonlySet<string>,
): void {
  const secrets = Object.fromEntries(Object.entries(canaries).filter(([name]) => !/_(DB|USER)$/.test(name)));
  const inspected = onHost(
    1,
    ...["docker", "inspect", "-f", "{{json .Config.Labels}} {{json .Config.Cmd}}", AGENT_CONTAINER],
  );
  const logs = onHost(1, "sh", "-c", `docker logs ${AGENT_CONTAINER} 2>&1`);
  // Kamal's own login at the registry has its password as an argument.
  const lines = [...argv].filter((line) => !line.includes("docker login"));
  expect(canariesIn([inspected, logs, ...transcript, ...lines].join("\n"), secrets)).toEqual([]);
  const below = canariesBelow(directory, secrets);
  expect(below.filter((hit) => !hit.includes("/.kamal/secrets: "))).toEqual([]);
  // Kamal's env files and the configuration of a container, docker's and containerd's, hold the environment.
  const allowed = /\/\.kamal\/apps\/.*\.env: |\/containers\/.*\/config\.v2\.json: |\.bolt\/meta\.db: /;
  expect(canariesOnHost(1, secrets, since).filter((hit) => !allowed.test(hit))).toEqual([]);
}
