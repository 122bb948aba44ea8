import { expect, test } from "vitest";
import { dataLayout, postgresMajor } from "../../../src/model/image.ts";

test.each([
  ["postgres:17", 17],
  ["postgres:17.2-alpine", 17],
  ["postgres:17.2@sha256:0123456789ab", 17],
  ["postgres:18beta1", null],
  ["postgres:18-trixie", 18],
  ["registry.lab:5000/postgres:16", 16],
  ["registry.lab:5000/postgres", null],
  ["timescale/timescaledb:2.17.2-pg16", 16],
  ["pgvector/pgvector:pg17", 17],
  ["pgvector/pgvector:0.8.0-pg17-trixie", 17],
  ["postgis/postgis:16-3.4", 16],
  ["postgres:latest", null],
  ["postgres", null],
  ["postgres:9.6", null],
  ["postgres@sha256:0123456789ab", null],
])("%s", (image, major) => {
  expect(postgresMajor(image)).toBe(major);
});

test("the volume moved with Postgres 18", () => {
  expect(dataLayout(17)).toEqual({
    mount: "/var/lib/postgresql/data",
    pgdata: "/var/lib/postgresql/data/pgdata",
  });
  expect(dataLayout(18)).toEqual({ mount: "/var/lib/postgresql", pgdata: "/var/lib/postgresql/18/docker" });
  expect(dataLayout(null)).toEqual(dataLayout(17));
});
