import type { KamalConfig } from "../kamal/types.ts";
import { readFlags } from "../kamal/flags.ts";
import type { DatabasePolicy, Policy } from "../model/policy.ts";
import { STAMP_LABEL } from "../model/stamp.ts";
import type { DatabaseNode, Topology } from "../model/topology.ts";
import { replicationRules } from "./hba.ts";
import { declaredAccessory, onlyHost } from "./declared.ts";
import { replicaNode } from "./replica.ts";
import { REPLICA_ENTRY_PATH, REPLICA_ENTRY_SCRIPT } from "./replica-entry.ts";
import { settingsToHold } from "./settings.ts";
import { orphanEdits, primaryEdits, stamped } from "./edits.ts";

/**
 * Puts the policy and Kamal's resolved configuration together.
 * @throws Failure `topology.*` where deploy.yml cannot carry what the policy asks for.
 */
export function buildTopology(policy: Policy, config: KamalConfig): Topology {
  const databases = policy.databases.map((database) => databaseNode(database, config));
  const named = new Set(
    databases.flatMap((node) => [node.name, ...node.replicas.map((replica) => replica.name)]),
  );
  const orphans = Object.values(config.accessories).filter(
    (accessory) => accessory.labels[STAMP_LABEL] !== undefined && !named.has(accessory.name),
  );
  return {
    service: config.service,
    destination: config.destination,
    databases,
    files: databases.some((node) => node.replicas.length > 0)
      ? [{ path: REPLICA_ENTRY_PATH, text: REPLICA_ENTRY_SCRIPT }]
      : [],
    orphans: orphans.map((accessory) => ({ name: accessory.name, edits: orphanEdits(accessory) })),
  };
}

function databaseNode(database: DatabasePolicy, config: KamalConfig): DatabaseNode {
  const declared = declaredAccessory(config, database.name);
  const hasReplicas = database.replicas.length > 0;
  const settings = settingsToHold(database.settings, readFlags(declared.cmd), hasReplicas);
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
