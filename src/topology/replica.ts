import { Failure } from "../errors.ts";
import type { KamalConfig } from "../kamal/types.ts";
import type { Accessory } from "../model/accessory.ts";
import type { DatabasePolicy, ReplicaPolicy } from "../model/policy.ts";
import { isSecretRef } from "../model/secret.ts";
import type { Value } from "../model/secret.ts";
import type { ManifestEdit, ReplicaNode } from "../model/topology.ts";
import { parsePort } from "../model/port.ts";
import { stamped } from "./edits.ts";
import { dataLayout, postgresMajor } from "../model/image.ts";
import { registryEdits } from "./registry.ts";
import { REPLICA_ENTRY_IN_CONTAINER, REPLICA_ENTRY_PATH } from "./replica-entry.ts";

/** Seconds that docker gives a replica to shut down; its own default of 10 is short for a busy Postgres. */
const STOP_TIMEOUT = 120;

/**
 * A replica's accessory: the primary's image and command line (a standby may have no lower parameters than its
 * primary), with an entry script that clones the primary at first boot.
 * @throws Failure `topology.no-primary-address`, `topology.no-credentials`, `topology.clear-registry-password`.
 */
export function replicaNode(
  replica: ReplicaPolicy,
  database: DatabasePolicy,
  primary: Accessory,
  config: KamalConfig,
): ReplicaNode {
  const { mount, pgdata } = dataLayout(postgresMajor(primary.image));
  const address = primaryAddress(primary);
  const edits: ManifestEdit[] = [
    { path: ["image"], value: String(config.rawKey(primary.name, ["image"])) },
    ...registryEdits(primary.name, config),
    { path: ["host"], value: replica.host },
    { path: ["port"], value: `${replica.address}:${replica.port}:5432` },
    { path: ["cmd"], value: primary.cmd ?? "postgres" },
    ...environment(primary, database),
    { path: ["env", "clear", "KAMAL_BACKUP_PRIMARY_HOST"], value: address.host },
    { path: ["env", "clear", "KAMAL_BACKUP_PRIMARY_PORT"], value: String(address.port) },
    { path: ["env", "clear", "KAMAL_BACKUP_SLOT"], value: replica.slot },
    { path: ["env", "clear", "PGDATA"], value: pgdata },
    { path: ["files"], contains: [`${REPLICA_ENTRY_PATH}:${REPLICA_ENTRY_IN_CONTAINER}`] },
    { path: ["directories"], contains: [`data:${mount}`] },
    { path: ["options", "entrypoint"], value: REPLICA_ENTRY_IN_CONTAINER },
    { path: ["options", "stop-timeout"], value: STOP_TIMEOUT },
  ];
  return {
    name: replica.name,
    host: replica.host,
    declared: config.accessories[replica.name] ?? null,
    ...stamped(config, replica, edits),
    slot: replica.slot,
    pgdata,
    maxLagSeconds: replica.maxLagSeconds,
  };
}

/** Where replicas reach the primary. */
function primaryAddress(primary: Accessory): { host: string; port: number } {
  const published = primary.port === null ? null : parsePort(primary.port);
  const loopback = published?.ip?.startsWith("127.") === true || published?.ip === "::1";
  if (published === null || published.containerPort !== 5432 || loopback) {
    throw new Failure(
      "topology.no-primary-address",
      `accessory "${primary.name}" publishes ${primary.port ?? "no port"}: a replica cannot reach it`,
      { where: `accessories.${primary.name}.port` },
    );
  }
  const { ip, hostPort } = published;
  const everywhere = ip === null || ip === "0.0.0.0" || ip === "::";
  return { host: everywhere ? (primary.hosts[0] as string) : ip, port: hostPort };
}

/** Who the superuser is, as on the primary, and the replication credentials. */
function environment(primary: Accessory, database: DatabasePolicy): ManifestEdit[] {
  const { replication } = database;
  if (replication === null) {
    throw new Failure(
      "topology.no-credentials",
      `database "${database.name}" has replicas but no replication user`,
      {
        where: `databases.${database.name}.replication`,
      },
    );
  }
  const clear: Record<string, string> = {};
  const secret: string[] = [];
  for (const name of ["POSTGRES_DB", "POSTGRES_USER"]) {
    const ref = primary.env.secret[name];
    if (ref !== undefined) secret.push(secretEntry(name, ref));
    else if (primary.env.clear[name] !== undefined) clear[name] = primary.env.clear[name];
  }
  const put = (name: string, value: Value): void => {
    if (isSecretRef(value)) secret.push(secretEntry(name, value.secret));
    else clear[name] = value;
  };
  put("REPLICATION_USER", replication.user);
  put("REPLICATION_PASSWORD", replication.password);
  return [
    ...Object.entries(clear).map(([name, value]) => ({ path: ["env", "clear", name], value })),
    ...(secret.length > 0 ? [{ path: ["env", "secret"], contains: secret }] : []),
  ];
}

/** Kamal's form of a secret under another name in the container: `NAME:SECRET`. */
function secretEntry(name: string, ref: string): string {
  return name === ref ? name : `${name}:${ref}`;
}
