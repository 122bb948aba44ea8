import type { KamalConfig } from "../kamal/types.ts";
import type { AgentPolicy, AgentRepository } from "../model/agent-policy.ts";
import type { Policy, RepositoryPolicy } from "../model/policy.ts";
import { isSecretRef } from "../model/secret.ts";
import { caInContainer, knownHostsInContainer } from "./agent-files.ts";
import type { Place } from "./agent-targets.ts";

/** What the agent of a host is told: its part of the policy. */
export function agentPolicy(
  policy: Policy,
  { service, destination }: Pick<KamalConfig, "service" | "destination">,
  host: string,
  places: readonly Place[],
): AgentPolicy {
  return {
    format_version: "1",
    app: policy.app ?? (destination === null ? service : `${service}-${destination}`),
    host,
    timezone: policy.timezone,
    repositories: repositoriesOf(policy, places).map(agentRepository),
    targets: places.map(({ target }) => target),
    notify: policy.notify,
  };
}

/** Those that the targets go to, in the order of their names. */
export function repositoriesOf(policy: Policy, places: readonly Place[]): RepositoryPolicy[] {
  const used = new Set(places.map(({ target }) => target.backup.repository));
  return policy.repositories.filter(({ name }) => used.has(name));
}

/** Whether the repository is a directory of the host. */
export function isLocal({ location }: RepositoryPolicy): boolean {
  return location.startsWith("/");
}

/** Where a directory of the host that is a repository is in the container. */
export function localInContainer(repository: string): string {
  return `/repository/${repository}`;
}

function agentRepository(repository: RepositoryPolicy): AgentRepository {
  const { name, location, password, env, options, ca, ssh } = repository;
  return {
    name,
    location: isLocal(repository) ? localInContainer(name) : location,
    password,
    env,
    options,
    ca: ca === null ? null : caInContainer(name),
    ...(ssh === null ? {} : { ssh: { key: ssh.key, known_hosts: knownHostsInContainer(name) } }),
  };
}

/** Names of the secrets that the policy refers to, sorted. */
export function secretsOf(policy: AgentPolicy): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (isSecretRef(value)) found.add(value.secret);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(policy);
  return [...found].sort();
}
