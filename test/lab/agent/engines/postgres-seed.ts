/** Roles with passwords, settings, memberships and grants on parameters. */
export const ROLES = `
CREATE ROLE app LOGIN PASSWORD 'canary-app-4712' CONNECTION LIMIT 40;
CREATE ROLE readers NOLOGIN;
CREATE ROLE "Anna O'Neil" LOGIN PASSWORD 'canary-anna-4713' VALID UNTIL '2040-01-01';
COMMENT ON ROLE "Anna O'Neil" IS 'reads; writes
nothing \\ else';
GRANT readers TO "Anna O'Neil" WITH ADMIN OPTION;
ALTER ROLE app SET statement_timeout = '30s';
GRANT SET ON PARAMETER log_min_duration_statement TO readers;
`;

/** Database-level things, then one of everything that pg_dump knows and that apps use. */
export const DATABASE = `
ALTER DATABASE teamyap_production SET work_mem = '12MB';
ALTER DATABASE teamyap_production SET search_path = app, public;
ALTER ROLE app IN DATABASE teamyap_production SET lock_timeout = '3s';
ALTER DATABASE teamyap_production CONNECTION LIMIT 77;
COMMENT ON DATABASE teamyap_production IS 'the; one';
REVOKE CONNECT ON DATABASE teamyap_production FROM PUBLIC;
GRANT CONNECT ON DATABASE teamyap_production TO app, readers;
\\connect teamyap_production
SET search_path = public;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext;
CREATE SCHEMA app AUTHORIZATION app;
GRANT USAGE ON SCHEMA app TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA app GRANT SELECT ON TABLES TO readers;
SET ROLE app; SET search_path = app, public;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email citext UNIQUE NOT NULL, mood mood DEFAULT 'good');
CREATE TABLE posts (
  id serial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE, body text, share percent,
  words int GENERATED ALWAYS AS (length(body)) STORED);
CREATE INDEX posts_body ON posts USING gin (body gin_trgm_ops);
CREATE TABLE comments (id serial PRIMARY KEY, post_id int REFERENCES posts, body text);
CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX ON events (at);
CREATE UNLOGGED TABLE sessions (token text);
CREATE TABLE quick (i int);
CREATE TABLE "Odd name.with dot" ("A column" int);
CREATE TABLE nothing ();
CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent);
CREATE VIEW loud AS SELECT id, upper(body) AS body FROM posts;
CREATE MATERIALIZED VIEW counted AS SELECT account_id, count(*) FROM posts GROUP BY 1;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.body := NEW.body || ';'; RETURN NEW; END $f$;
CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT i * 2; END;
CREATE PROCEDURE nop() LANGUAGE sql AS 'SELECT 1';
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts FOR SELECT TO readers USING (email = current_user);
GRANT SELECT ON accounts TO readers;
GRANT SELECT (body) ON posts TO PUBLIC;
INSERT INTO accounts (email) SELECT 'user' || i || '@example.com' FROM generate_series(1, 500) i;
INSERT INTO posts (account_id, body, share) SELECT 1 + i % 500, repeat('word ' || i || ' ', 20), i % 100 FROM generate_series(1, 3000) i;
INSERT INTO comments (post_id, body) SELECT i, 'c' FROM generate_series(1, 100) i;
INSERT INTO events SELECT '2025-12-01'::date + i, 'e' FROM generate_series(1, 60) i;
INSERT INTO sessions SELECT i::text FROM generate_series(1, 7) i;
INSERT INTO "Odd name.with dot" VALUES (1), (2);
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 2), (3, 4);
CREATE TRIGGER touched BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION touch();
REFRESH MATERIALIZED VIEW counted;
RESET ROLE;
CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
ALTER TABLE app.quick SET TABLESPACE fast;
CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION app.watch();
CREATE PUBLICATION everything FOR ALL TABLES;
SELECT lo_from_bytea(0, 'a large object'), lo_from_bytea(0, 'another');
`;

/** What a restore must bring back and facts do not hold, as one text. */
export const FINGERPRINT = `
SELECT 'database', pg_get_userbyid(datdba), datconnlimit, encoding, datcollate, ARRAY(SELECT a::text FROM unnest(datacl) a ORDER BY 1),
  shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database();
SELECT 'setting', r.rolname, setconfig FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole
  WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 2;
SELECT 'relation', c.oid::regclass, pg_get_userbyid(relowner), relkind, ARRAY(SELECT a::text FROM unnest(relacl) a ORDER BY 1), relrowsecurity FROM pg_class c
  WHERE relnamespace::regnamespace::text IN ('app', 'public') ORDER BY 2, 4;
SELECT 'schema', nspname, pg_get_userbyid(nspowner), ARRAY(SELECT a::text FROM unnest(nspacl) a ORDER BY 1) FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 2;
SELECT 'default', pg_get_userbyid(defaclrole), defaclnamespace::regnamespace, ARRAY(SELECT a::text FROM unnest(defaclacl) a ORDER BY 1) FROM pg_default_acl;
SELECT 'column', attrelid::regclass, attname, ARRAY(SELECT a::text FROM unnest(attacl) a ORDER BY 1), attgenerated, attidentity FROM pg_attribute
  WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'app'::regnamespace) AND attnum > 0 ORDER BY 2, attnum;
SELECT 'function', oid::regprocedure, pg_get_userbyid(proowner), md5(pg_get_functiondef(oid)) FROM pg_proc
  WHERE pronamespace = 'app'::regnamespace ORDER BY 2;
SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = 'app'::regnamespace ORDER BY 2, 3;
SELECT 'index', indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index
  WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'app'::regnamespace) ORDER BY 2;
SELECT 'policy', polname, pg_get_expr(polqual, polrelid) FROM pg_policy;
SELECT 'event', evtname, evtfoid::regproc FROM pg_event_trigger;
SELECT 'sequence', schemaname, sequencename, last_value FROM pg_sequences ORDER BY 2, 3;
SELECT 'rows', md5(string_agg(p::text, '|' ORDER BY id)) FROM app.posts p;
SELECT 'objects', convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata ORDER BY 2;
SELECT 'matview', sum(count) FROM app.counted;
`;

/** Roles as pg_authid has them, with verifiers, and what they are members of. */
export const ROLE_FINGERPRINT = `
SELECT rolname, rolsuper, rolcanlogin, rolconnlimit, rolvaliduntil, rolpassword, shobj_description(oid, 'pg_authid'),
  (SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0) FROM pg_authid r
  WHERE rolname !~ '^pg_' ORDER BY 1;
SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members WHERE roleid::regrole::text !~ '^pg_';
SELECT parname, ARRAY(SELECT a::text FROM unnest(paracl) a ORDER BY 1) FROM pg_parameter_acl;
`;
