import { absent, present } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { STAMP_LABEL } from "../../model/stamp.ts";
import { factOf, runningContainer } from "../evidence.ts";
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

/** The setting, and the stamp of the container that runs with it. */
export interface StampedSetting extends LiveSetting {
  readonly stamp: string | null;
}

export function facts({ spec }: Resource<SettingSpec>): FactRequest[] {
  const sql = `select coalesce((select json_build_object('name', name, 'setting', setting, 'unit', unit,
    'vartype', vartype, 'source', source, 'context', context, 'pending_restart', pending_restart,
    'altered', (select f.setting from pg_file_settings f where lower(f.name) = lower(s.name)
      and f.sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1))
    from pg_settings s where lower(name) = lower(:'name')), 'null'::json)`;
  return [{ accessory: spec.accessory, facts: [{ name: factName(spec), sql, params: { name: spec.name } }] }];
}

export function observe({ spec }: Resource<SettingSpec>, evidence: Evidence): Observation<StampedSetting> {
  const running = runningContainer(evidence, spec.accessory);
  if (running.status === "unknown") return running;
  const setting = factOf<LiveSetting | null>(evidence, spec.accessory, factName(spec));
  if (setting.status === "unknown") return setting;
  const stamp = running.value.container.Config.Labels?.[STAMP_LABEL] ?? null;
  return setting.value === null ? absent : present({ ...setting.value, stamp });
}

function factName(spec: SettingSpec): string {
  return `setting ${spec.name}`;
}
