import { createHash } from "node:crypto";
import { Failure } from "../errors.ts";
import type { KamalConfig } from "../kamal/types.ts";
import { digest } from "../model/canonical.ts";
import type { Policy } from "../model/policy.ts";
import { FILES_LABEL, POLICY_LABEL, STAMP_LABEL } from "../model/stamp.ts";
import type { AgentNode, ManifestEdit, OwnedFile } from "../model/topology.ts";
import { filesOf, hashOfFiles } from "./agent-files.ts";
import type { ReadText } from "./agent-files.ts";
import { agentPolicy, isLocal, localInContainer, repositoriesOf, secretsOf } from "./agent-policy.ts";
import { places } from "./agent-targets.ts";
import type { Place } from "./agent-targets.ts";
import { stamped } from "./edits.ts";
import { exactList } from "./exact-list.ts";

const POLICY_IN_CONTAINER = "/etc/kamal-backup/policy.json";
/** Seconds that docker gives a running job to end before the container does. */
const STOP_TIMEOUT = 600;
/** Survives the container: ledger, locks, caches; and room for dumps and throwaway servers. */
const DIRECTORIES = ["state:/var/lib/kamal-backup", "scratch:/var/tmp/kamal-backup"];
/** All else that programs write to, beside a root file system that is read-only. */
const TMPFS = ["/tmp", "/run"];

/** An agent, and the file of the checkout that is its policy. */
export interface DeclaredAgent {
  readonly node: AgentNode;
  readonly file: OwnedFile;
}

/**
 * One agent for each host that has something to back up, in the order of their names.
 * @throws Failure `topology.*`.
 */
export function agentNodes(policy: Policy, config: KamalConfig, readText: ReadText): DeclaredAgent[] {
  const byHost = Map.groupBy(places(policy, config), ({ host }) => host);
  const hosts = [...byHost.keys()].sort();
  for (const [index, host] of hosts.entries()) {
    const twin = hosts.slice(0, index).find((other) => agentName(other) === agentName(host));
    if (twin !== undefined) {
      throw new Failure("topology.same-name", `the agents of ${twin} and ${host} would have the same name`);
    }
  }
  return hosts.map((host) => declaredAgent(host, byHost.get(host) ?? [], policy, config, readText));
}

/** The accessory's name: the same whatever other hosts there are. */
function agentName(host: string): string {
  return `backup-${host.toLowerCase().replaceAll(/[^a-z0-9]/g, "-")}`;
}

function declaredAgent(
  host: string,
  here: readonly Place[],
  policy: Policy,
  config: KamalConfig,
  readText: ReadText,
): DeclaredAgent {
  const name = agentName(host);
  const told = agentPolicy(policy, config, host, here);
  const text = `${JSON.stringify(told, null, 2)}\n`;
  const policyHash = createHash("sha256").update(text).digest("hex");
  const path = filePath(host, config);
  const repositories = repositoriesOf(policy, here);
  const uploaded = repositories.flatMap(filesOf);
  refuseForeign(name, config);
  const edits: ManifestEdit[] = [
    ...serviceEdit(name, config),
    { path: ["image"], value: imageOf(policy) },
    { path: ["host"], value: host },
    ...networkEdit(name, host, here, config),
    ...exactList(config, name, ["env", "secret"], secretsOf(told)),
    ...exactList(
      config,
      name,
      ["files"],
      [`${path}:${POLICY_IN_CONTAINER}`, ...uploaded.map((file) => `${file.path}:${file.inContainer}`)],
    ),
    { path: ["directories"], contains: DIRECTORIES },
    ...exactList(
      config,
      name,
      ["volumes"],
      [
        ...repositories
          .filter(isLocal)
          .map((repository) => `${repository.location}:${localInContainer(repository.name)}`),
        ...here.flatMap(({ volumes }) => volumes),
      ],
    ),
    { path: ["options", "read-only"], value: true },
    { path: ["options", "tmpfs"], contains: TMPFS },
    { path: ["options", "stop-timeout"], value: STOP_TIMEOUT },
    // restic knows its own dead locks by the hostname: the next container must have it too, and no other host's agent.
    { path: ["options", "hostname"], value: hostname(name, config) },
    { path: ["labels", POLICY_LABEL], value: policyHash },
    uploaded.length === 0
      ? { path: ["labels", FILES_LABEL], remove: true }
      : { path: ["labels", FILES_LABEL], value: hashOfFiles(uploaded, readText) },
  ];
  const declared = config.accessories[name] ?? null;
  const databases = here.flatMap(({ server }) => (server?.engine === "postgres" ? [server.accessory] : []));
  const node = {
    name,
    host,
    declared,
    ...stamped(config, { name }, edits),
    policy: told,
    policyHash,
    databases,
  };
  const applied = declared?.labels[POLICY_LABEL] ?? null;
  return { node, file: { path, text, what: `what the agent on ${host} is told`, applied, seen: [name] } };
}

/** Kamal's container names lack the destination: two of them may have agents on one host. */
function serviceEdit(name: string, { service, destination }: KamalConfig): ManifestEdit[] {
  return destination === null ? [] : [{ path: ["service"], value: `${service}-${destination}-${name}` }];
}

/** At most 63 characters, as hostnames are. */
function hostname(name: string, { service, destination }: KamalConfig): string {
  const words = [service, destination, name].filter((word) => word !== null).join("-");
  const safe = words.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-");
  return safe.length <= 63 ? safe : `${safe.slice(0, 50)}-${digest(safe).slice(0, 12)}`;
}

function filePath(host: string, { destination }: KamalConfig): string {
  const place = host.replaceAll(/[^A-Za-z0-9.-]/g, "-");
  return `config/kamal-backup/agent-${place}${destination === null ? "" : `.${destination}`}.json`;
}

function imageOf({ agentImage }: Policy): string {
  if (agentImage === null) throw new Failure("internal.bug", "a policy with a backup has an agent");
  return agentImage;
}

/** An accessory of that name that nobody of us wrote is left alone. */
function refuseForeign(name: string, config: KamalConfig): void {
  const declared = config.accessories[name];
  if (declared === undefined || declared.labels[STAMP_LABEL] !== undefined) return;
  if (declared.files.some((file) => file.endsWith(`:${POLICY_IN_CONTAINER}`))) return;
  throw new Failure("topology.same-name", `deploy.yml has an accessory ${name} that is no agent`, {
    where: `accessories.${name}`,
  });
}

/** The databases' own network: they are reached by their containers' names. */
function networkEdit(
  name: string,
  host: string,
  here: readonly Place[],
  config: KamalConfig,
): ManifestEdit[] {
  const [network = "kamal", ...others] = new Set(here.flatMap(({ server }) => server?.network ?? []));
  if (others.length > 0) {
    throw new Failure(
      "topology.networks",
      `the databases on ${host} are in the networks ${[network, ...others].join(" and ")}`,
      { where: `agent of ${host}` },
    );
  }
  if (network !== "kamal") return [{ path: ["network"], value: network }];
  return config.rawKey(name, ["network"]) === undefined ? [] : [{ path: ["network"], remove: true }];
}
