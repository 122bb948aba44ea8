/** Rows of pg_settings of Postgres 15, as its defaults are: setting, unit, vartype, context. */
const ROWS: Readonly<Record<string, readonly [string, string | null, string, string]>> = {
  archive_timeout: ["0", "s", "integer", "sighup"],
  checkpoint_completion_target: ["0.9", null, "real", "sighup"],
  checkpoint_timeout: ["300", "s", "integer", "sighup"],
  hot_standby: ["on", null, "bool", "postmaster"],
  listen_addresses: ["localhost", null, "string", "postmaster"],
  log_connections: ["off", null, "bool", "superuser-backend"],
  log_min_duration_statement: ["-1", "ms", "integer", "superuser"],
  max_connections: ["100", null, "integer", "postmaster"],
  max_replication_slots: ["10", null, "integer", "postmaster"],
  max_slot_wal_keep_size: ["-1", "MB", "integer", "sighup"],
  max_wal_senders: ["10", null, "integer", "postmaster"],
  random_page_cost: ["4", null, "real", "user"],
  shared_buffers: ["16384", "8kB", "integer", "postmaster"],
  synchronous_commit: ["on", null, "enum", "user"],
  TimeZone: ["Etc/UTC", null, "string", "user"],
  wal_keep_size: ["0", "MB", "integer", "sighup"],
  wal_level: ["replica", null, "enum", "postmaster"],
  wal_sender_timeout: ["60000", "ms", "integer", "user"],
  work_mem: ["4096", "kB", "integer", "user"],
};

/** In Postgres' own units, what a flag of these makes of its setting. */
const IN_UNITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MB: { "64MB": "64", "64": "64", "128MB": "128", "10GB": "10240", "20GB": "20480", "-1": "-1" },
  "8kB": { "256MB": "32768", "128MB": "16384", "32768": "32768", "262144kB": "32768" },
  kB: { "64MB": "65536", "16MB": "16384" },
  s: { "5min": "300", "300": "300", "300s": "300" },
  ms: { "60s": "60000", "1min": "60000", "-1": "-1", "250": "250", "250ms": "250" },
};

/** What the fact of a setting answers when the server runs with these flags; null for a name it does not know. */
export function settingRow(name: string, flags: Readonly<Record<string, string>>): unknown {
  const known = Object.keys(ROWS).find((each) => each.toLowerCase() === name.toLowerCase());
  if (known === undefined) return null;
  const [byDefault, unit, vartype, context] = ROWS[known] as (typeof ROWS)[string];
  const flag = flags[known] ?? flags[known.toLowerCase()];
  const setting = flag === undefined ? byDefault : inUnits(flag, unit, vartype);
  const source = flag === undefined ? "default" : "command line";
  return { name: known, setting, unit, vartype, source, context, pending_restart: false, altered: null };
}

function inUnits(flag: string, unit: string | null, vartype: string): string {
  if (vartype === "bool") return /^(on|t|true|y|yes|1)$/i.test(flag) ? "on" : "off";
  if (unit === null) return flag;
  const setting = IN_UNITS[unit]?.[flag];
  if (setting === undefined) throw new Error(`pg-settings.ts does not say what ${flag} is in ${unit}`);
  return setting;
}
