import { absent } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { factOf } from "../evidence.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { RoleSpec } from "./desired.ts";

/** A row of pg_authid (postgresql.org/docs/current/catalog-pg-authid.html). */
export interface LiveRole {
  readonly superuser: boolean;
  readonly login: boolean;
  readonly replication: boolean;
  readonly expired: boolean;
  /** As stored: a SCRAM verifier, an md5 hash, or null. Secret: compared, never shown. */
  readonly verifier: string | null;
  /** SHA-256 of the verifier, its first 16 hexadecimal digits. */
  readonly verifier_hash: string | null;
  readonly comment: string | null;
}

const FACT = "replication_role";

export function facts(resource: Resource<RoleSpec>): FactRequest[] {
  const sql = `select coalesce((select json_build_object(
    'superuser', rolsuper, 'login', rolcanlogin, 'replication', rolreplication,
    'expired', coalesce(rolvaliduntil < now(), false), 'verifier', rolpassword,
    'verifier_hash', left(encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex'), 16),
    'comment', shobj_description(oid, 'pg_authid'))
    from pg_authid where rolname = :'user'), 'null'::json)`;
  return [
    {
      accessory: resource.spec.accessory,
      facts: [{ name: FACT, sql, params: { user: resource.spec.user } }],
    },
  ];
}

export function observe(resource: Resource<RoleSpec>, evidence: Evidence): Observation<LiveRole> {
  const role = factOf<LiveRole | null>(evidence, resource.spec.accessory, FACT);
  if (role.status === "unknown") return role;
  return role.value === null ? absent : { status: "present", value: role.value };
}
