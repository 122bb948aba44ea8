import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kamal } from "../../../src/kamal/cli.ts";
import type { Kamal } from "../../../src/kamal/cli.ts";
import { loadConfigAndSecrets } from "../../../src/kamal/config-and-secrets.ts";

const REAL = execFileSync("sh", ["-c", "command -v kamal"], { encoding: "utf8" }).trim();
const DEPLOY = `service: shop
image: acme/shop
servers: [ 10.0.0.1 ]
registry: { username: u, password: [ REGISTRY ] }
builder: { arch: amd64 }
accessories:
  db: { image: "postgres:17", host: 10.0.0.2 }
`;

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kamal-backup-test-"));
  const git = (...argv: string[]) => execFileSync("git", argv, { cwd: directory, stdio: "ignore" });
  write("config/deploy.yml", DEPLOY);
  write(".kamal/secrets", "REGISTRY=x y\n");
  git("init", "-q");
  git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "t");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly destination?: string;
  /** A variable that does not come through to Kamal. */
  readonly lost?: string;
}

/** The real Kamal behind a script that notes each run. */
function noted({ env = {}, destination, lost = "NONE" }: Setting = {}): Kamal {
  const script = `#!/bin/sh\necho "$1" >> ${join(directory, "runs")}\nunset ${lost}\nexec ${REAL} "$@"\n`;
  write("bin/kamal", script);
  chmodSync(join(directory, "bin/kamal"), 0o755);
  const PATH = `${join(directory, "bin")}:${process.env["PATH"]}`;
  return kamal({
    cwd: directory,
    configFile: null,
    destination: destination ?? null,
    env: { PATH, ...env },
  });
}

const lines = (name: string): string[] =>
  existsSync(join(directory, name)) ? readFileSync(join(directory, name), "utf8").trim().split("\n") : [];

test("one run of Kamal and one evaluation, and a secret's command sees the user's own environment", async () => {
  const command = 'echo once >> evaluated; echo "$RUBYOPT|$RUBYLIB|$KAMAL_BACKUP_MARKER"';
  write(".kamal/secrets", `REGISTRY="two\n\nlines"\nSEEN=$(${command})\n`);
  const env = { RUBYOPT: "-W0 -rset", RUBYLIB: "/nowhere at all" };
  const { config, secrets } = await loadConfigAndSecrets(noted({ env }));
  expect(config).toMatchObject({ service: "shop", accessories: { db: { hosts: ["10.0.0.2"] } } });
  expect([...secrets].map(([name, secret]) => [name, secret.reveal()])).toEqual([
    ["REGISTRY", "two\n\nlines"],
    ["SEEN", "-W0 -rset|/nowhere at all|"],
  ]);
  expect(lines("runs")).toEqual(["config"]);
  expect(lines("evaluated")).toEqual(["once"]);
});

test("no variable is left where there was none", async () => {
  write(".kamal/secrets", `REGISTRY=$(ruby -e 'print ENV.keys.grep(/^RUBY|KAMAL_BACKUP/).inspect')\n`);
  const { secrets } = await loadConfigAndSecrets(noted());
  expect(secrets.get("REGISTRY")?.reveal()).toBe("[]");
});

test("a destination", async () => {
  write("config/deploy.staging.yml", "accessories:\n  db:\n    host: 10.0.0.9\n");
  write(".kamal/secrets.staging", "REGISTRY=staging\n");
  const { config, secrets } = await loadConfigAndSecrets(noted({ destination: "staging" }));
  expect(config.accessories["db"]?.hosts).toEqual(["10.0.0.9"]);
  expect(secrets.get("REGISTRY")?.reveal()).toBe("staging");
  expect(lines("runs")).toEqual(["config"]);
});

test.each([
  ["RUBYOPT", ["config", "secrets"]],
  // Ruby does not find our file then, and does not start.
  ["RUBYLIB", ["config", "config", "secrets"]],
])("a kamal that does not pass %s on, such as one in a container", async (lost, runs) => {
  const { config, secrets } = await loadConfigAndSecrets(noted({ lost }));
  expect(config.service).toBe("shop");
  expect(secrets.get("REGISTRY")?.reveal()).toBe("x y");
  expect(lines("runs")).toEqual(runs);
});

test("a vault that refuses is said of the secrets, and is not asked again", async () => {
  const fetch = "$(kamal secrets fetch --adapter no_such_vault --account a b)";
  write(".kamal/secrets", `REGISTRY=$(echo once >> evaluated)${fetch}\n`);
  await expect(loadConfigAndSecrets(noted())).rejects.toMatchObject({
    code: "secrets.unreadable",
    message: expect.stringMatching(/no_such_vault|Unknown secrets adapter/),
    where: ".kamal/secrets",
  });
  expect(lines("runs")).toEqual(["config"]);
  expect(lines("evaluated")).toEqual(["once"]);
});

test("a deploy.yml that Kamal refuses is said of Kamal, whose words are quoted", async () => {
  write("config/deploy.yml", DEPLOY.replace("service: shop", "service: [ shop ]"));
  await expect(loadConfigAndSecrets(noted())).rejects.toMatchObject({
    code: "kamal.failed",
    message: expect.stringContaining("service: should be a string"),
    where: "kamal config",
  });
  expect(lines("runs")).toEqual(["config"]);
});

test("an interrupt while a secret's command runs", async () => {
  write(".kamal/secrets", "REGISTRY=$(echo once >> evaluated; sleep 3)\n");
  const abort = new AbortController();
  const loading = loadConfigAndSecrets(noted(), { signal: abort.signal });
  const look = setInterval(() => {
    if (lines("evaluated").length > 0) abort.abort();
  }, 50);
  await expect(loading).rejects.toMatchObject({ code: "kamal.interrupted" });
  clearInterval(look);
  expect(lines("runs")).toEqual(["config"]);
});
