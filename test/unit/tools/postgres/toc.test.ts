import { expect, test } from "vitest";
import { asListed, onlyTables, parseToc, tablesWithData } from "../../../../src/tools/postgres/toc.ts";

const LIST = `;
; Archive created at 2026-11-21 14:23:43 UTC
;
217; 1259 16400 TABLE public odd name postgres
215; 1259 16389 TABLE public t postgres
3353; 0 16400 TABLE DATA public odd name postgres
3351; 0 16389 TABLE DATA public t postgres
3364; 0 0 SEQUENCE SET public t_id_seq postgres
3207; 2606 16396 CONSTRAINT public t t_pkey postgres
3208; 2606 16397 FK CONSTRAINT public t t_fkey postgres
3400; 0 0 MATERIALIZED VIEW DATA public m postgres
3500; 2613 16500 BLOB - 16500 postgres
3501; 0 0 BLOBS - BLOBS 
`;

test("finds the tables with data, also those with spaces in their names", () => {
  const tables = tablesWithData(parseToc(LIST));
  expect(tables.has("public.t")).toBe(true);
  expect(tables.has("public.odd name")).toBe(true);
  expect(tables.has("public.m")).toBe(false);
  expect(tables.has("public.t_id_seq")).toBe(false);
  expect(asListed("public.two\nlines")).toBe("public.two lines");
});

test("a partial list has every definition, one table's data, and nothing that needs other rows", () => {
  const kept = onlyTables(parseToc(LIST), ["public.odd name"]);
  expect(
    kept
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(";")[0]),
  ).toEqual(["217", "215", "3353", "3364", "3207"]);
});
