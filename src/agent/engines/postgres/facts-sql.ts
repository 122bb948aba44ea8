/** Schemas of users: names that start with `pg_` are the server's. */
const OWN = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** Not made by CREATE EXTENSION, which makes it again: pg_dump leaves it out. */
function notOfExtension(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid = 'pg_catalog.${catalog}'::regclass
    AND e.objid = ${oid} AND e.deptype = 'e')`;
}

/** Nor made along with another thing, as the constructors of a range type are. */
function notAlong(catalog: string, oid: string): string {
  return `${notOfExtension(catalog, oid)} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS i
    WHERE i.classid = 'pg_catalog.${catalog}'::regclass AND i.objid = ${oid} AND i.deptype = 'i')`;
}

/**
 * Tables that hold rows of their own and are dumped: leaf partitions and not their parents, unlogged ones too; no
 * foreign tables, no tables of extensions.
 */
export const TABLES = `SELECT n.nspname AS schema, c.relname AS name, pg_catalog.pg_relation_size(c.oid) AS heap
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence IN ('p', 'u') AND ${OWN} AND ${notOfExtension("pg_class", "c.oid")}
  ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

/** How many those are. */
export const TABLE_COUNT = `SELECT count(*) AS count FROM (${TABLES}) AS t`;

/** Whether anybody put something into the database: a relation or a function. */
export const HAS_CONTENT = `SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE ${OWN} AND c.relpersistence <> 't' AND ${notOfExtension("pg_class", "c.oid")})
  OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE ${OWN} AND ${notOfExtension("pg_proc", "p.oid")})
  OR EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata) AS content`;

export const EXTENSIONS = `SELECT extname AS name, extversion AS version FROM pg_catalog.pg_extension
  ORDER BY extname COLLATE "C"`;

/** The database's own collation as `default` (since PostgreSQL 15), and those that columns and indexes use. */
export const COLLATIONS = `SELECT 'default' AS name, to_jsonb(d) ->> 'datcollversion' AS version
    FROM pg_catalog.pg_database AS d
    WHERE d.datname = current_database() AND to_jsonb(d) ->> 'datcollversion' IS NOT NULL
  UNION
  SELECT DISTINCT CASE o.collnamespace WHEN 'pg_catalog'::regnamespace THEN '' ELSE s.nspname || '.' END || o.collname,
    o.collversion
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_collation AS o ON o.oid = a.attcollation
    JOIN pg_catalog.pg_namespace AS s ON s.oid = o.collnamespace
    WHERE ${OWN} AND o.collversion IS NOT NULL AND o.collname <> 'default'
  ORDER BY 1`;

function relations(kinds: string, extra = "true"): string {
  return `pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid = c.oid
    WHERE c.relkind IN (${kinds}) AND c.relpersistence <> 't' AND ${OWN}
    AND ${notOfExtension("pg_class", "c.oid")} AND ${extra}`;
}

function inSchema(catalog: string, namespace: string, extra = "true"): string {
  return `pg_catalog.${catalog} AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.${namespace}
    WHERE ${OWN} AND ${notAlong(catalog, "o.oid")} AND ${extra}`;
}

function onRelation(catalog: string, relation: string, extra = "true"): string {
  return `pg_catalog.${catalog} AS o JOIN pg_catalog.pg_class AS c ON c.oid = o.${relation}
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE ${OWN} AND ${notOfExtension("pg_class", "c.oid")} AND ${notOfExtension(catalog, "o.oid")} AND ${extra}`;
}

function anywhere(catalog: string, extra = "true"): string {
  return `pg_catalog.${catalog} AS o WHERE ${notOfExtension(catalog, "o.oid")} AND ${extra}`;
}

const SCHEMAS = `pg_catalog.pg_namespace AS n WHERE ${OWN} AND ${notOfExtension("pg_namespace", "n.oid")}`;

/** Those that `schemas` counts. */
export const SCHEMA_NAMES = `SELECT n.nspname AS name FROM ${SCHEMAS}`;

/** What is counted, and where. Only what pg_dump writes and a restore makes again: no invalid indexes, no copies of a parent's. */
const COUNTED: Readonly<Record<string, string>> = {
  aggregates: inSchema("pg_proc", "pronamespace", "o.prokind = 'a'"),
  casts: anywhere("pg_cast", "o.oid >= 16384"),
  collations: inSchema("pg_collation", "collnamespace"),
  constraints: onRelation(
    "pg_constraint",
    "conrelid",
    "o.contype IN ('c', 'f', 'p', 'u', 'x') AND o.conparentid = 0",
  ),
  default_privileges: "pg_catalog.pg_default_acl",
  event_triggers: anywhere("pg_event_trigger"),
  foreign_servers: anywhere("pg_foreign_server"),
  foreign_tables: relations("'f'"),
  functions: inSchema("pg_proc", "pronamespace", "o.prokind IN ('f', 'w')"),
  indexes: relations("'i', 'I'", "(x.indisvalid OR c.relkind = 'I')"),
  large_objects: "pg_catalog.pg_largeobject_metadata",
  materialized_views: relations("'m'"),
  operators: inSchema("pg_operator", "oprnamespace"),
  partitioned_tables: relations("'p'"),
  policies: onRelation("pg_policy", "polrelid"),
  procedures: inSchema("pg_proc", "pronamespace", "o.prokind = 'p'"),
  publications: anywhere("pg_publication"),
  rules: onRelation("pg_rewrite", "ev_class", "o.rulename <> '_RETURN'"),
  schemas: SCHEMAS,
  sequences: relations("'S'"),
  statistics: inSchema("pg_statistic_ext", "stxnamespace"),
  tables: relations("'r'"),
  text_search_configurations: inSchema("pg_ts_config", "cfgnamespace"),
  triggers: onRelation("pg_trigger", "tgrelid", "NOT o.tgisinternal"),
  types: inSchema(
    "pg_type",
    "typnamespace",
    `(o.typtype IN ('d', 'e', 'r') OR o.typtype = 'c'
      AND EXISTS (SELECT FROM pg_catalog.pg_class AS k WHERE k.oid = o.typrelid AND k.relkind = 'c'))`,
  ),
  views: relations("'v'"),
};

/** Kinds of things and how many there are, none left out but those that are absent. */
export const OBJECTS = `SELECT kind, count FROM (${Object.entries(COUNTED)
  .map(([kind, from]) => `SELECT '${kind}' AS kind, count(*) AS count FROM ${from}`)
  .join("\n  UNION ALL ")}) AS k WHERE count > 0 ORDER BY kind COLLATE "C"`;
