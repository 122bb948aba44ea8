import type { DatabasePolicy, HbaRule } from "../model/policy.ts";
import type { Value } from "../model/secret.ts";

/** What pg_hba.conf must admit for the replicas: the replication role, from each replica's address alone. */
export function replicationRules(database: DatabasePolicy): HbaRule[] {
  const { replication } = database;
  if (replication === null) return [];
  return database.replicas.map((replica) => ({
    type: "host",
    database: "replication",
    user: literal(replication.user),
    address: `${replica.address}/${replica.address.includes(":") ? 128 : 32}`,
    method: "scram-sha-256",
    options: {},
    comment: `replica ${replica.name}`,
  }));
}

/** In a rule `all`, `+group`, `@file` and `a,b` mean more than one role; in quotes they are names. */
function literal(user: Value): Value {
  if (typeof user !== "string" || (/^[\w.-]+$/.test(user) && user !== "all")) return user;
  return `"${user.replaceAll('"', '""')}"`;
}
