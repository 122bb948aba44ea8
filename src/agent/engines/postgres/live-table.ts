import { Failure } from "../../../errors.ts";
import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import type { Session } from "./session.ts";

/** A table, by its parts, as SQL writes it, and by its number. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly sql: string;
  readonly oid: number;
}

/** A foreign key as `ALTER TABLE ... ADD CONSTRAINT` writes it. */
export interface ForeignKey {
  /** Of the table that has it, as SQL writes it. */
  readonly on: string;
  readonly name: string;
  readonly definition: string;
}

/**
 * The table of that name; null where there is none.
 * @param name as `schema.table`. @throws Failure `restore.table-refused` for a partition, a parent and the like.
 */
export async function findTable(session: Session, name: string): Promise<Table | null> {
  const [row] = await session.rows<{ schema: string; name: string; oid: number; plain: boolean }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.oid, c.relkind = 'r' AND NOT c.relispartition AND NOT EXISTS
        (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid OR inhparent = c.oid) AS plain
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname || '.' || c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [name],
  );
  if (row === undefined) return null;
  if (!row.plain)
    throw new Failure("restore.table-refused", `${name} of ${session.database} is no table by itself`, {
      detail:
        "Partitions, their parents, tables that inherit and views are restored with their database only.",
    });
  return { ...row, sql: `${quoteIdentifier(row.schema)}.${quoteIdentifier(row.name)}` };
}

/** Columns, one text each, in their order. */
export async function columnsOf(session: Session, table: Table): Promise<string[]> {
  const rows = await session.rows<{ column: string }>(
    `SELECT concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
        nullif(attidentity::text, ''), nullif(attgenerated::text, '')) AS column
      FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table.oid],
  );
  return rows.map(({ column }) => column);
}

/**
 * What is bound to the table itself and not to its name, and is no part of it: views, functions, policies of other
 * tables, publications. Foreign keys are left out.
 */
export async function boundTo(session: Session, { oid }: Table): Promise<string[]> {
  const rows = await session.rows<{ what: string }>(
    `SELECT DISTINCT CASE d.classid WHEN 'pg_catalog.pg_rewrite'::regclass
        THEN (SELECT 'view ' || ev_class::regclass::text FROM pg_catalog.pg_rewrite WHERE oid = d.objid)
        ELSE pg_catalog.pg_describe_object(d.classid, d.objid, 0) END AS what
      FROM pg_catalog.pg_depend AS d, pg_catalog.pg_class AS c
      LEFT JOIN pg_catalog.pg_type AS t ON t.oid = c.reltype
      WHERE c.oid = $1 AND d.deptype = 'n'
      AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
        OR d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray))
      AND d.classid <> 'pg_catalog.pg_constraint'::regclass
      AND NOT (d.classid = 'pg_catalog.pg_attrdef'::regclass
        AND d.objid IN (SELECT oid FROM pg_catalog.pg_attrdef WHERE adrelid = $1))
      AND NOT (d.classid = 'pg_catalog.pg_policy'::regclass
        AND d.objid IN (SELECT oid FROM pg_catalog.pg_policy WHERE polrelid = $1))
      AND NOT (d.classid = 'pg_catalog.pg_rewrite'::regclass
        AND d.objid IN (SELECT oid FROM pg_catalog.pg_rewrite WHERE ev_class = $1))
      AND NOT (d.classid = 'pg_catalog.pg_trigger'::regclass
        AND d.objid IN (SELECT oid FROM pg_catalog.pg_trigger WHERE tgrelid = $1))
    UNION SELECT 'publication ' || p.pubname FROM pg_catalog.pg_publication_rel AS r
      JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid WHERE r.prrelid = $1
    ORDER BY 1`,
    [oid],
  );
  return rows.map(({ what }) => what);
}

/** Foreign keys of the table and of others to it. */
export async function foreignKeysOf(session: Session, { oid }: Table): Promise<ForeignKey[]> {
  return await session.rows<ForeignKey & object>(
    `SELECT conrelid::regclass::text AS on, conname AS name, pg_catalog.pg_get_constraintdef(oid) AS definition
      FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0 AND (conrelid = $1 OR confrelid = $1)
      ORDER BY 1, 2`,
    [oid],
  );
}

/** Indexes, triggers, policies, rules and constraints but foreign keys, as `index name`. */
export async function partsOf(session: Session, { oid }: Table): Promise<string[]> {
  const rows = await session.rows<{ part: string }>(
    `SELECT 'index ' || relname AS part FROM pg_catalog.pg_index JOIN pg_catalog.pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = $1
      UNION SELECT 'trigger ' || tgname FROM pg_catalog.pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal
      UNION SELECT 'policy ' || polname FROM pg_catalog.pg_policy WHERE polrelid = $1
      UNION SELECT 'rule ' || rulename FROM pg_catalog.pg_rewrite WHERE ev_class = $1
      UNION SELECT 'constraint ' || conname FROM pg_catalog.pg_constraint WHERE conrelid = $1 AND contype IN ('c', 'x')
      ORDER BY 1`,
    [oid],
  );
  return rows.map(({ part }) => part);
}

/** Sequences that belong to its columns: column to sequence, as SQL writes it. */
export async function sequencesOf(session: Session, { oid }: Table): Promise<Map<string, string>> {
  const rows = await session.rows<{ column: string; sequence: string }>(
    `SELECT a.attname AS column, d.objid::regclass::text AS sequence FROM pg_catalog.pg_depend AS d
      JOIN pg_catalog.pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjid = $1 AND d.deptype IN ('a', 'i')`,
    [oid],
  );
  return new Map(rows.map(({ column, sequence }) => [column, sequence]));
}

export async function countOf(session: Session, { sql }: Table): Promise<number> {
  const [row] = await session.rows<{ count: string }>(`SELECT count(*) AS count FROM ${sql}`);
  return Number(row?.count ?? 0);
}
