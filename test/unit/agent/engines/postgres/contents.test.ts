import { expect, test } from "vitest";
import { readContents, renamed } from "../../../../../src/agent/engines/postgres/contents.ts";

const SCHEMA = `
CREATE DATABASE "my app" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C.UTF-8' TABLESPACE = slow;
ALTER DATABASE "my app" OWNER TO bob;
\\connect -reuse-previous=on "dbname='my app'"
COMMENT ON DATABASE "my app" IS 'ALTER DATABASE x; "my app"';
ALTER ROLE anna IN DATABASE "my app" SET search_path TO 'a';
REVOKE CONNECT,TEMPORARY ON DATABASE "my app" FROM PUBLIC;
SET SESSION AUTHORIZATION carl;
GRANT CONNECT ON DATABASE "my app" TO dora WITH GRANT OPTION;
RESET SESSION AUTHORIZATION;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
SET default_tablespace = fast;
CREATE TABLE public.database (a int);
SET default_tablespace = '';
GRANT SELECT ON TABLE public.database TO erik;
ALTER TABLE public.database OWNER TO "Fay";
CREATE POLICY p ON public.t FOR SELECT TO gus, hal USING ((a IN ( SELECT to_x(b))));
ALTER DEFAULT PRIVILEGES FOR ROLE ines IN SCHEMA public GRANT SELECT ON TABLES TO joe;
ALTER TABLE public.t RENAME TO u;
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ GRANT x TO nobody; ALTER DATABASE z OWNER TO zoe; $$;
`;

test("tells what belongs to the database and gives it another name", () => {
  const { create, properties } = readContents(SCHEMA);
  expect(create && renamed(create, '"new"')).toMatch(/^CREATE DATABASE "new" WITH TEMPLATE = template0 /);
  expect(properties.map((property) => renamed(property, '"new"'))).toEqual([
    'ALTER DATABASE "new" OWNER TO bob',
    `COMMENT ON DATABASE "new" IS 'ALTER DATABASE x; "my app"'`,
    `ALTER ROLE anna IN DATABASE "new" SET search_path TO 'a'`,
    'REVOKE CONNECT,TEMPORARY ON DATABASE "new" FROM PUBLIC',
    "SET SESSION AUTHORIZATION carl",
    'GRANT CONNECT ON DATABASE "new" TO dora WITH GRANT OPTION',
    "RESET SESSION AUTHORIZATION",
  ]);
});

test("tells what it needs of a server", () => {
  const { roles, extensions, tablespaces } = readContents(SCHEMA);
  expect([...roles].sort()).toEqual([
    "Fay",
    "anna",
    "bob",
    "carl",
    "dora",
    "erik",
    "gus",
    "hal",
    "ines",
    "joe",
  ]);
  expect(extensions).toEqual(["uuid-ossp"]);
  expect([...tablespaces].sort()).toEqual(["fast", "slow"]);
});
