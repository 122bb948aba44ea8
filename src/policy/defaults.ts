/** What holds where a policy says nothing: the `default` of each key in the schema. */
export const DEFAULT_DEPLOY = "config/deploy.yml";
export const DEFAULT_TIMEZONE = "UTC";
export const DEFAULT_PRUNE = "@weekly";
export const DEFAULT_NOTIFICATION = "ping";
export const DEFAULT_PORT = 5432;
export const DEFAULT_ALLOW = "reload";

/** Replication slot of a replica: Postgres admits a-z, 0-9 and `_` in its name. */
export function slotName(replica: string): string {
  return replica.replaceAll(/[^a-z0-9]/g, "_");
}
