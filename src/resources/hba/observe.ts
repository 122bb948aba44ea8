import type { Observation } from "../../model/observation.ts";
import { factOf } from "../evidence.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { HbaSpec } from "./desired.ts";
import { KEPT } from "./steps.ts";

export interface LiveHba {
  /** In the container. */
  readonly path: string;
  readonly text: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /**
   * Lines that do not parse (pg_hba_file_rules reads the file as it lies, not as it was loaded). One that does has a
   * type: hostssl without SSL has an error as well, and is accepted.
   */
  readonly errors: readonly { readonly line: number; readonly error: string }[];
  /** A replacement of ours was cut short: what it removes at its very end, after the reload, is still there. */
  readonly unfinished: boolean;
  /** The file changed after the server loaded its configuration, and has not been loaded since. */
  readonly unloaded: boolean;
}

const FACT = "pg_hba";

/**
 * The time of the last change of the file's status, which a rename sets too: a copy that is put back may have an old
 * modification time. It is in whole seconds, cut off, so that a file that is written and loaded within one second never
 * shows as not loaded. One in the future is of a clock that was set back since, and says nothing.
 */
const SQL = `select json_build_object('path', current_setting('hba_file'),
  'text', pg_read_file(current_setting('hba_file')),
  'sha256', encode(sha256(pg_read_binary_file(current_setting('hba_file'))), 'hex'),
  'errors', (select coalesce(json_agg(json_build_object('line', line_number, 'error', error)), '[]'::json)
    from pg_hba_file_rules where error is not null and type is null),
  'unfinished', (pg_stat_file(current_setting('hba_file') || '${KEPT}', true)).size is not null,
  'unloaded', (select change > pg_conf_load_time() and change <= clock_timestamp()
    from pg_stat_file(current_setting('hba_file'))))`;

export function facts({ spec }: Resource<HbaSpec>): FactRequest[] {
  return [{ accessory: spec.accessory, facts: [{ name: FACT, sql: SQL }] }];
}

export function observe({ spec }: Resource<HbaSpec>, evidence: Evidence): Observation<LiveHba> {
  return factOf<LiveHba>(evidence, spec.accessory, FACT);
}
