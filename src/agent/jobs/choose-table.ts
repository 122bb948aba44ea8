import { Failure } from "../../errors.ts";

/**
 * The table that was meant, as the facts name it: `schema.table`, or (MySQL, SQLite) `table`.
 * @param tables names of all tables of the backup; null: nothing was recorded, so that the name has to be right.
 * @throws Failure `restore.no-such-table`
 */
export function chooseTable(tables: readonly string[] | null, asked: string): string {
  if (tables === null) return asked.includes(".") ? asked : `public.${asked}`;
  const exact = [asked, `public.${asked}`].find((name) => tables.includes(name));
  if (exact !== undefined) return exact;
  const ending = tables.filter((name) => name.endsWith(`.${asked}`));
  const [only, ...others] = ending;
  if (only !== undefined && others.length === 0) return only;
  const what =
    ending.length === 0 ? `the backup has no table ${asked}` : `${asked} may be ${ending.join(" or ")}`;
  throw new Failure("restore.no-such-table", what);
}
