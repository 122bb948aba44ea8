import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../../src/kamal/config.ts";

/** What Kamal 2.12.0 printed for a deploy.yml with every odd scalar of YAML 1.1. */
const output = readFileSync(new URL("kamal-config.yml", import.meta.url), "utf8");
const deploy =
  "servers:\n  web:\n    - 10.0.0.1: [tagA]\n    - 10.0.0.9\n  worker:\n    hosts:\n      - 10.0.0.2\n";
const context = { cwd: "/app", destination: null, texts: [deploy] };

test("service, lock host and ssh", () => {
  const config = parseConfig(`ERB of deploy.yml may print\n${output}`, context);
  expect(config).toMatchObject({ service: "teamyap", destination: null, primaryHost: "10.0.0.1" });
  expect(config.ssh).toEqual({
    user: "app",
    port: 22,
    proxy: "root@bastion.example.com",
    proxyCommand: null,
    keys: ["~/.ssh/id"],
    keysOnly: false,
    keyData: ["-----BEGIN\nabc==\n-----END"],
    config: true,
  });
});

test("an accessory as docker inspect showed it once Kamal had booted it", () => {
  expect(parseConfig(output, context).accessories["db"]).toEqual({
    name: "db",
    container: "teamyap-db",
    hosts: ["10.0.0.3"],
    image: "reg.lab:5000/postgres:17",
    cmd: "postgres -c a=b -c c=d",
    env: {
      // biome-ignore format: one line a value would hide that blank C and Q are missing
      clear: {
        A: "1.5", B: "true", D: "false", E: "0755", F: "493", G: "yes", H: "true", I: "1e3", J: "a\\nb", K: ":sym", L: "sym",
        M: "${HOME} $x `y` \\#{z}",
        N: "é\\", O: "1000", P: "1.50", R: "1e+3", S: "1.0e+20", T: "31", U: "80520", V: "0.5", W: "=x", X: "null", Z: "a: b",
      },
      secret: { POSTGRES_PASSWORD: "POSTGRES_PASSWORD", X: "Y" },
    },
    port: "5432:5432",
    volumes: [
      "v:/v",
      "$HOME/x:/x",
      "$PWD/teamyap-db/x/a.sh:/x/a.sh",
      "$PWD/teamyap-db/y/b:/y/b:ro",
      "$PWD/teamyap-db/data:/var/lib/postgresql/data",
      "/abs:/abs:ro",
    ],
    files: ["a.sh:/x/a.sh", "b:/y/b"],
    labels: { "a.b": "c" },
    network: "kamal",
    restart: "always",
    options: { "stop-timeout": "60", init: true, ulimit: ["a", "b"], memory: "1g", privileged: "false" },
  });
});

test.each([
  ["by role and by tag", [deploy], ["10.0.0.2"], ["10.0.0.1"]],
  [
    "merged with the destination's",
    [deploy, "servers:\n  worker:\n    hosts: [10.9.9.9]\n"],
    ["10.9.9.9"],
    ["10.0.0.1"],
  ],
  ["none where ERB makes them", ["servers:\n  worker:\n    - <%= host %>\n"], [], []],
])("hosts %s", (_, texts, byRole, byTag) => {
  const { accessories } = parseConfig(output, { ...context, texts });
  expect(accessories["r1"]).toMatchObject({ container: "foo", hosts: byRole, restart: "unless-stopped" });
  expect(accessories["r2"]).toMatchObject({ container: "teamyap-r2", hosts: byTag });
});

test("what an accessory will be once edited, and what its block says now", () => {
  const config = parseConfig(output, context);
  const edited = config.resolveWith("r1", [
    { path: ["options", "stop-timeout"], value: 120 },
    { path: ["env", "secret"], contains: ["A:B"] },
    { path: ["service"], remove: true },
  ]);
  expect(edited).toEqual({
    ...config.accessories["r1"],
    container: "teamyap-r1",
    options: { "stop-timeout": "120" },
    env: { clear: {}, secret: { A: "B" } },
  });
  expect(config.resolveWith("fresh", [{ path: ["host"], value: "h" }])).toMatchObject({
    container: "teamyap-fresh",
    hosts: ["h"],
  });
  expect(config.rawKey("db", ["env", "secret"])).toEqual(["POSTGRES_PASSWORD", "X:Y"]);
  expect(config.rawKey("db", ["nothing", "here"])).toBeUndefined();
});

test.each([["Kamal says something else"], ["---\n- a\n"], ["---\n:version: abc\n"], ["---\n:a: [\n"]])(
  "an output that is not understood: %j",
  (text) => {
    expect(() => parseConfig(text, context)).toThrow(
      expect.objectContaining({ code: "kamal.unreadable", detail: undefined }),
    );
  },
);
