import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containerLogTail, runDocker } from "../../../src/hosts/docker.ts";
import type { Hosts } from "../../../src/hosts/hosts.ts";
import { type ContainerRequest, type FactQuestion, probeHost } from "../../../src/hosts/probe.ts";
import { runSql } from "../../../src/hosts/sql.ts";
import { Home, host1, nobody } from "./lab-hosts.ts";

const image = `${process.env["LAB_REGISTRY"]}/postgres:17`;
const db = `hosts-db-${process.pid}`;
const stopped = `hosts-stopped-${process.pid}`;
const empty = `hosts-empty-${process.pid}`;
const envFile = `hosts-${process.pid}.env`;
const canary = "canary'\\\n\"$(id)é";

const home = new Home();
let hosts: Hosts;
const sql = (statement: string, params: Record<string, string> = {}, timeoutSeconds = 10) =>
  runSql(hosts, { host: host1, container: db, statement, params, timeoutSeconds });

beforeAll(async () => {
  hosts = home.open();
  // The image's user and database are its own, so that nothing works by the defaults alone.
  const settings = [
    "POSTGRES_USER=owner",
    "POSTGRES_DB=shop",
    "POSTGRES_PASSWORD=x",
    "POSTGRES_HOST_AUTH_METHOD=scram-sha-256",
  ];
  await runDocker(hosts, host1, [
    "run",
    "-d",
    "--name",
    db,
    "-e",
    "PGHOST=192.0.2.1",
    ...settings.flatMap((s) => ["-e", s]),
    image,
  ]);
  await runDocker(hosts, host1, ["create", "--name", stopped, image]);
  await runDocker(hosts, host1, [
    "run",
    "-d",
    "--init",
    "--name",
    empty,
    "--entrypoint",
    "sleep",
    image,
    "600",
  ]);
  await hosts.exec(host1, ["sh", "-c", 'cat > "$1"', "sh", envFile], { stdin: "POSTGRES_PASSWORD=x\\ny\n" });
  const ready = ["exec", "-e", "PGHOST=", db, "pg_isready", "-h", "127.0.0.1"];
  for (let attempt = 0; attempt < 60; attempt++) {
    if ((await hosts.exec(host1, ["docker", ...ready])).code === 0) return;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(await containerLogTail(hosts, host1, db, 20));
}, 60_000);
afterAll(async () => {
  await runDocker(hosts, host1, ["rm", "-f", "-v", db, stopped, empty]);
  await hosts.exec(host1, ["rm", envFile]);
  hosts.close();
  home.remove();
}, 30_000);

const fact = (name: string, statement: string, params: Record<string, string> = {}): FactQuestion => ({
  name,
  sql: statement,
  params,
});
const request = (
  container: string,
  facts: readonly FactQuestion[] = [fact("one", "select 1")],
): ContainerRequest => ({
  accessory: container,
  container,
  envFile,
  facts,
});

test("a probe tells of every container in one round trip", async () => {
  const facts = [
    fact("who", "select json_build_object('user', current_user, 'db', current_database())"),
    fact("bad", "select * from nope where a = :'canary'", { canary }),
    fact("text", "select json_build_object('text', :'canary')", { canary }),
    fact("gone", "select to_json(:'canary'::text)"),
    fact("null", "select null::json"),
    fact("none", "select 1 where false"),
    fact("write", "create table t (a int)"),
    fact("leak", "select (:'canary')::int", { canary }),
    fact("settings", "select json_agg(s) from pg_settings s"),
    fact("fatal", "select pg_terminate_backend(pg_backend_pid())"),
    fact("after", "select 1"),
  ];
  const asked = [
    request(db, facts),
    request(`${db}-gone`),
    request(stopped),
    request(empty),
    request(`${db}2`),
  ];
  const found = await probeHost(hosts, host1, asked);
  expect(Object.keys(found)).toEqual(asked.map(({ accessory }) => accessory));
  expect(found[db]).toMatchObject({
    status: "present",
    home: "/root",
    envFile: "POSTGRES_PASSWORD=x\\ny\n",
    container: { Name: `/${db}`, State: { Running: true }, Config: { Image: image } },
    facts: {
      who: { json: { user: "owner", db: "shop" } },
      bad: { error: 'relation "nope" does not exist (SQLSTATE 42P01)' },
      text: { json: { text: canary } },
      gone: { error: expect.stringContaining("SQLSTATE") },
      null: { json: null },
      none: { error: "the statement returned no row" },
      write: { error: expect.stringContaining("read-only") },
      leak: { error: expect.stringContaining('"[canary]"') },
      settings: { json: expect.arrayContaining([expect.objectContaining({ name: "wal_level" })]) },
      fatal: { error: expect.stringMatching(/terminat|closed/) },
      after: { error: expect.stringMatching(/terminat|closed/) },
    },
  });
  const present = found[db];
  if (present?.status !== "present") throw new Error("not present");
  expect(present.image?.Id).toBe(present.container.Image);
  expect(found[`${db}-gone`]).toEqual({ status: "absent" });
  expect(found[`${db}2`]).toEqual({ status: "absent" });
  expect(found[stopped]).toMatchObject({
    status: "present",
    facts: {},
    container: { State: { Running: false } },
  });
  expect(found[empty]).toMatchObject({
    status: "present",
    facts: { one: { error: expect.stringContaining("No such file") } },
  });
});

test("sessions of several containers run at once and are kept apart", async () => {
  const now = "extract(epoch from clock_timestamp())";
  const slow = (name: string) => ({
    ...request(db, [fact("slow", `select json_build_array('${name}', ${now}, pg_sleep(2)::text, ${now})`)]),
    accessory: name,
  });
  const found = await probeHost(hosts, host1, ["a", "b", "c"].map(slow));
  const told = ["a", "b", "c"].map((name) => {
    const probe = found[name];
    const fact = probe?.status === "present" ? probe.facts["slow"] : undefined;
    return (fact as { json: [name: string, from: number, slept: string, to: number] }).json;
  });
  expect(told.map(([name]) => name)).toEqual(["a", "b", "c"]);
  // The last began before the first ended.
  expect(Math.max(...told.map(([, from]) => from))).toBeLessThan(Math.min(...told.map(([, , , to]) => to)));
});

test("a daemon that is down makes a container unknown, and says why", async () => {
  const down: Hosts = {
    ...hosts,
    exec: (host, argv, options) =>
      hosts.exec(host, ["env", "DOCKER_HOST=unix:///nowhere.sock", ...argv], options),
  };
  expect((await probeHost(down, host1, [request(db)]))[db]).toEqual({
    status: "unknown",
    reason: expect.stringMatching(/nowhere\.sock|daemon running/),
  });
});

test("a probe of a connected host takes less than 0.6 s here, most of it docker exec", async () => {
  const times = [];
  for (let run = 0; run < 5; run++) {
    const started = performance.now();
    await probeHost(hosts, host1, [request(db)]);
    times.push(performance.now() - started);
  }
  console.log(`probe of one container: ${times.map(Math.round).join(" ")} ms`);
  expect(Math.min(...times)).toBeLessThan(600);
});

test("a host that cannot be reached makes its containers unknown", async () => {
  const away = home.open({}, false, 1);
  const found = await probeHost(away, nobody, [request("a"), request("b")]);
  away.close();
  for (const name of ["a", "b"]) {
    expect(found[name]).toEqual({ status: "unknown", reason: expect.stringContaining("cannot be reached") });
  }
});

test("any parameter reaches the server unchanged", async () => {
  const value = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !text.includes("\0"));
  const values = [canary, "\\n", "''", ":'p0'", "\r\n\t\b\f", ...fc.sample(value, 120)];
  const params = Object.fromEntries(values.map((text, index) => [`p${index}`, text]));
  const list = values.map((_, index) => `:'p${index}'`).join(", ");
  // In hexadecimal, because psql leaves noncharacters such as U+10FFFE out of what it prints.
  const hex = "select json_agg(encode(convert_to(value, 'UTF8'), 'hex'))";
  const sent = values.map((text) => Buffer.from(text).toString("hex"));
  expect(JSON.parse(await sql(`${hex} from unnest(array[${list}]) as value`, params))).toEqual(sent);
});

test("a parameter as an identifier", async () => {
  const name = 'odd "name';
  expect(
    await sql(
      `create role :"name"; select rolname from pg_roles where rolname = :'name'; drop role :"name"`,
      { name },
    ),
  ).toBe(`${name}\n`);
});

test("a failing statement ends the run, and tells the server's message without the parameters", async () => {
  const refused: unknown = await sql("select 1; select :'secret'::int; create table never (a int)", {
    secret: canary,
  }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "sql.failed", message: expect.stringContaining("SQLSTATE 22P02") });
  expect(JSON.stringify(refused) + String(refused)).not.toContain("canary");
  expect(await sql("select to_regclass('never') is null")).toBe("t\n");
  expect(await containerLogTail(hosts, host1, db, 50)).not.toContain("canary");
});

test("a statement that takes too long is cancelled by the server", async () => {
  await expect(sql("select pg_sleep(30)", {}, 1)).rejects.toThrow(/SQLSTATE 57014/);
  expect(
    await sql(
      "select count(*) from pg_stat_activity where query like '%pg_sleep(30)'  and pid <> pg_backend_pid()",
    ),
  ).toBe("0\n");
});

test("no parameter is in a command line or an environment on the host", async () => {
  const mark = "canary-in-argv";
  const running = Promise.all([
    sql("select pg_sleep(1.5), :'secret'", { secret: mark }),
    probeHost(hosts, host1, [
      request(db, [fact("slow", "select to_json(:'secret' || pg_sleep(1.5)::text)", { secret: mark })]),
    ]),
  ]);
  await new Promise((done) => setTimeout(done, 700));
  const psql = await hosts.exec(host1, ["sh", "-c", "ps -eww -o args | grep -c '[p]sql -X'"]);
  const everything = await hosts.exec(host1, [
    "sh",
    "-c",
    "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null",
  ]);
  expect(Number(psql.stdout)).toBeGreaterThanOrEqual(2);
  expect(everything.stdout).toContain("PGOPTIONS");
  expect(everything.stdout.includes(mark)).toBe(false);
  const [rows, probe] = await running;
  expect(rows).toContain(mark);
  expect(probe[db]).toMatchObject({ facts: { slow: { json: mark } } });
}, 15_000);

test("what docker refuses is told, without the hidden values", async () => {
  await expect(runDocker(hosts, host1, ["rm", `${db}-gone`], { hidden: { name: "gone" } })).rejects.toEqual(
    expect.objectContaining({
      code: "docker.failed",
      message: `docker rm ${db}-[name] exited with 1`,
      detail: expect.stringContaining(`No such container: ${db}-[name]`),
    }),
  );
  await expect(
    sql("select 1").then(() =>
      runSql(hosts, {
        host: host1,
        container: stopped,
        statement: "select 1",
        params: {},
        timeoutSeconds: 5,
      }),
    ),
  ).rejects.toEqual(
    expect.objectContaining({ code: "sql.failed", message: expect.stringContaining("is not running") }),
  );
});
