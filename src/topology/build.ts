import type { KamalConfig } from "../kamal/types.ts";
import { readFlags } from "../kamal/flags.ts";
import type { DatabasePolicy, Policy } from "../model/policy.ts";
import { STAMP_LABEL } from "../model/stamp.ts";
import type { DatabaseNode, OwnedFile, Topology } from "../model/topology.ts";
import { agentNodes } from "./agent.ts";
import type { ReadText } from "./agent-files.ts";
import { replicationRules } from "./hba.ts";
import { declaredAccessory, onlyHost } from "./declared.ts";
import { replicaNode } from "./replica.ts";
import { REPLICA_ENTRY_PATH, REPLICA_ENTRY_SCRIPT } from "./replica-entry.ts";
import { settingsToHold } from "./settings.ts";
import { orphanEdits, ownedSettings, primaryEdits, stamped } from "./edits.ts";

/**
 * Puts the policy and Kamal's resolved configuration together. `readText` reads a file of the checkout, relative to the
 * directory that Kamal runs in; null when there is none.
 * @throws Failure `topology.*` where deploy.yml cannot carry what the policy asks for.
 */
export function buildTopology(policy: Policy, config: KamalConfig, readText: ReadText): Topology {
  const databases = policy.databases
    .filter(({ engine }) => engine === "postgres")
    .map((database) => databaseNode(database, config));
  const agents = agentNodes(policy, config, readText);
  const named = new Set([
    ...databases.flatMap((node) => [node.name, ...node.replicas.map((replica) => replica.name)]),
    ...agents.map(({ node }) => node.name),
  ]);
  const orphans = Object.values(config.accessories).filter(
    (accessory) => accessory.labels[STAMP_LABEL] !== undefined && !named.has(accessory.name),
  );
  return {
    service: config.service,
    destination: config.destination,
    databases,
    agents: agents.map(({ node }) => node),
    files: [...replicaFiles(databases), ...agents.map(({ file }) => file)],
    orphans: orphans.map((accessory) => ({ name: accessory.name, edits: orphanEdits(accessory) })),
  };
}

function replicaFiles(databases: readonly DatabaseNode[]): OwnedFile[] {
  if (databases.every((node) => node.replicas.length === 0)) return [];
  const what = "the replica's container starts with this script";
  return [{ path: REPLICA_ENTRY_PATH, text: REPLICA_ENTRY_SCRIPT, what, applied: null, seen: [] }];
}

function databaseNode(database: DatabasePolicy, config: KamalConfig): DatabaseNode {
  const declared = declaredAccessory(config, database.name);
  const hasReplicas = database.replicas.length > 0;
  const settings = settingsToHold(
    database.settings,
    readFlags(declared.cmd),
    hasReplicas,
    ownedSettings(declared),
  );
  const primary = stamped(config, declared, primaryEdits(declared, settings));
  return {
    name: database.name,
    host: onlyHost(declared),
    declared,
    ...primary,
    settings,
    hba: [...replicationRules(database), ...database.pgHba],
    replication: database.replication,
    replicas: database.replicas.map((replica) => replicaNode(replica, database, primary.wanted, config)),
  };
}
