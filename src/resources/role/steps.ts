import type { Step } from "../../model/step.ts";
import type { RoleSpec } from "./desired.ts";

/** What the comment on a role of ours starts with; the hash of the verifier that we set follows. */
export const STAMP = "kamal-backup verifier=";

/** Written from the verifier that is stored, so that a later change of it by hand shows. */
const COMMENT = `select format('COMMENT ON ROLE %I IS %L', rolname,
  '${STAMP}' || left(encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex'), 16))
from pg_authid where rolname = :'user' \\gexec`;

const CREATE = `select format('CREATE ROLE %I', :'user') where not exists (select from pg_authid where rolname = :'user') \\gexec`;

function sql(spec: RoleSpec, statement: string, withPassword: boolean): Step {
  return {
    run: "sql",
    host: spec.host,
    container: spec.container,
    statement,
    params: { user: spec.user, ...(withPassword ? { verifier: { scramOf: spec.password } } : {}) },
  };
}

/** Creates the role. The password travels as a SCRAM verifier: clear text would reach the server's log. */
export function create(spec: RoleSpec): Step[] {
  return [sql(spec, `BEGIN;\n${CREATE}\n${set(true)}\n${COMMENT}\nCOMMIT;`, true)];
}

/** Sets what differs, and the stamp. */
export function alter(spec: RoleSpec, attributes: boolean, password: boolean): Step[] {
  const change = attributes || password ? `${set(password)}\n` : "";
  return [sql(spec, `BEGIN;\n${change}${COMMENT}\nCOMMIT;`, password)];
}

function set(password: boolean): string {
  return `ALTER ROLE :"user" WITH LOGIN REPLICATION VALID UNTIL 'infinity'${password ? " PASSWORD :'verifier'" : ""};`;
}
