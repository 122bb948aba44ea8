import type { Step } from "../../model/step.ts";
import type { ContainerSpec } from "./desired.ts";
import type { LiveServer } from "./observe.ts";

/** PL/pgSQL, which a database may lack, is needed only where it is another cluster. */
const STATEMENT = String.raw`select system_identifier::text = :'system' as same from pg_control_system() \gset
\if :same
\else
do $$ begin raise 'the new container came up on ANOTHER cluster than the one before, probably an empty one'
using hint = 'The data is where it was. Unless its container was put back, put the image, PGDATA and volumes of before into deploy.yml and run kamal accessory reboot'; end $$;
\endif`;

/**
 * Fails at once where a primary came up on another cluster: an image that keeps its data elsewhere makes an empty one,
 * which accepts connections as well. Nothing to do for a server that was not asked before.
 */
export function sameCluster({ host, wanted }: ContainerSpec, server: LiveServer | null): Step[] {
  const system = server?.system ?? null;
  if (system === null) return [];
  const { container } = wanted;
  return [{ run: "sql", host, container, statement: STATEMENT, params: { system } }];
}
