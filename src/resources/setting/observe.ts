import { absent } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { factOf } from "../evidence.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { SettingSpec } from "./desired.ts";

/** A row of pg_settings (postgresql.org/docs/current/view-pg-settings.html), and what ALTER SYSTEM wrote over it. */
export interface LiveSetting {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly vartype: "bool" | "enum" | "integer" | "real" | "string";
  readonly source: string;
  readonly context: string;
  readonly pending_restart: boolean;
  /** The value in postgresql.auto.conf; null when ALTER SYSTEM left it alone. */
  readonly altered: string | null;
}

export function facts({ spec }: Resource<SettingSpec>): FactRequest[] {
  const sql = `select coalesce((select json_build_object('name', name, 'setting', setting, 'unit', unit,
    'vartype', vartype, 'source', source, 'context', context, 'pending_restart', pending_restart,
    'altered', (select f.setting from pg_file_settings f where lower(f.name) = lower(s.name)
      and f.sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1))
    from pg_settings s where lower(name) = lower(:'name')), 'null'::json)`;
  return [{ accessory: spec.accessory, facts: [{ name: factName(spec), sql, params: { name: spec.name } }] }];
}

export function observe({ spec }: Resource<SettingSpec>, evidence: Evidence): Observation<LiveSetting> {
  const setting = factOf<LiveSetting | null>(evidence, spec.accessory, factName(spec));
  if (setting.status === "unknown") return setting;
  return setting.value === null ? absent : { status: "present", value: setting.value };
}

function factName(spec: SettingSpec): string {
  return `setting ${spec.name}`;
}
