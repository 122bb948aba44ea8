import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXITS } from "../../../src/engine/exit.ts";
import manifest from "../../../package.json" with { type: "json" };

const MAIN = new URL("../../../src/cli/main.ts", import.meta.url).pathname;
const POLICY = `version: 1
databases:
  db:
    replication: { user: replicator, password: { secret: REPLICATION_PASSWORD } }
    replicas:
      db-replica: { host: 127.0.0.2, address: 10.0.1.3 }
`;
/** Nothing listens on the SSH port: the hosts cannot be reached. */
const DEPLOY = `service: teamyap
image: teamyap/app
servers: [127.0.0.1]
registry: { server: registry.example.com, username: x, password: [REGISTRY_PASSWORD] }
builder: { arch: amd64 }
ssh: { port: 2 }
accessories:
  db:
    image: postgres:17
    host: 127.0.0.1
    port: 10.0.1.2:5432:5432
    env: { secret: [POSTGRES_PASSWORD] }
    directories: [data:/var/lib/postgresql/data]
`;
const SECRETS =
  "REGISTRY_PASSWORD=canary-registry\nPOSTGRES_PASSWORD=canary-owner\nREPLICATION_PASSWORD=canary-standby\n";

const template = (() => {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-cli-"));
  for (const folder of ["config", ".kamal"]) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, "backup-policy.yml"), POLICY);
  writeFileSync(join(directory, "config/deploy.yml"), DEPLOY);
  writeFileSync(join(directory, ".kamal/secrets"), SECRETS);
  const git = (...argv: string[]) =>
    spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...argv], { cwd: directory });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "app");
  return directory;
})();

function app(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-cli-"));
  cpSync(template, directory, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
  return directory;
}

function run(directory: string, ...argv: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, ...argv], {
    cwd: directory,
    encoding: "utf8",
  });
  expect(`${stdout}${stderr}`).not.toContain("canary");
  return { stdout, stderr, status };
}

describe("help", () => {
  test.each([[["--help"]], [["plan", "--help"]], [["help", "apply"]]])(
    "of %j shows examples and the options of all",
    (argv) => {
      const { stdout, status } = run(template, ...argv);
      expect(status).toBe(0);
      expect(stdout).toContain("Examples:\n  kamal-backup ");
      expect(stdout).toContain("--destination <name>");
    },
  );

  test("names every exit status", () => {
    const { stdout } = run(template, "--help");
    for (const [status, meaning] of Object.entries(EXITS)) expect(stdout).toContain(`${status}  ${meaning}`);
  });

  test("an unknown option is an error that points to it", () => {
    const { stderr, status } = run(template, "plan", "--comands");
    expect([status, stderr]).toEqual([1, expect.stringContaining("Did you mean --commands?")]);
  });

  test("restore without saying where is an error that says how", () => {
    const { stderr, status } = run(template, "restore", "db");
    expect([status, stderr]).toEqual([1, expect.stringContaining("restore production, restore local")]);
  });
});

test("version", () => {
  expect(run(template, "version").stdout).toContain(`kamal-backup ${manifest.version} (Node `);
  expect(JSON.parse(run(template, "version", "--json").stdout)).toMatchObject({
    kamal_backup: manifest.version,
  });
});

describe("completion", () => {
  test.each([
    ["bash", "complete -F _kamal_backup kamal-backup\n"],
    ["zsh", "compdef _kamal_backup kamal-backup\n"],
    ["fish", "complete -c kamal-backup -f\n"],
  ])("prints a script for %s", (shell, line) => {
    const { stdout, status } = run(template, "completion", shell);
    expect([status, stdout]).toEqual([0, expect.stringContaining(line)]);
  });

  test("of another shell is an error that names those there are", () => {
    const { stderr, status } = run(template, "completion", "tcsh");
    expect([status, stderr]).toEqual([1, expect.stringContaining("bash, zsh, fish")]);
  });
});

describe("validate", () => {
  test("a policy that fits deploy.yml and the secrets", () => {
    const { stdout, status } = run(app(), "validate");
    expect([status, stdout]).toEqual([0, "backup-policy.yml is valid: 1 database, 1 replica, 0 backups.\n"]);
  });

  test("a secret that is not defined and an accessory that is not there, both at once", () => {
    const policy = `${POLICY.replace("REPLICATION_PASSWORD", "NOWHERE")}  events: {}\n`;
    const { stderr, status } = run(app({ "backup-policy.yml": policy }), "validate");
    expect(status).toBe(1);
    expect(stderr).toMatch(/backup-policy\.yml:4:\d+: error: .*NOWHERE/);
    expect(stderr).toMatch(/backup-policy\.yml:7:3: error: .*events/);
  });

  test("offline neither needs Kamal nor secrets", () => {
    const directory = app({ "config/deploy.yml": "<%= raise %>" });
    expect(run(directory, "validate", "--offline").status).toBe(0);
    expect(run(directory, "validate").status).toBe(1);
  });

  test("no policy, as JSON", () => {
    const { stdout, status } = run(template, "validate", "--offline", "--json", "-p", "none.yml");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "policy.missing", where: "none.yml", exit: 1 },
    });
  });
});

test("plan with hosts that cannot be reached ends with 3, shows what it can, and leaves the checkout alone", () => {
  const directory = app();
  const { stdout, status } = run(directory, "plan");
  expect(status).toBe(3);
  expect(stdout).toMatch(/! container:db, .*could not be observed/);
  expect(stdout).not.toContain("+  db-replica:");
  expect(readFileSync(join(directory, "config/deploy.yml"), "utf8")).toBe(DEPLOY);
  expect(readdirSync(join(directory, ".kamal"))).toEqual(["secrets"]);
});

test("drift as JSON names what could not be observed", () => {
  const { stdout, status } = run(app(), "drift", "--json");
  expect(status).toBe(3);
  const ids = JSON.parse(stdout).drifted.map(({ id }: { id: string }) => id);
  expect(ids).toContain("container:db");
  expect(ids).not.toContain("manifest:config/deploy.yml");
});

test("apply without a terminal and without --auto-approve does not begin", () => {
  const { stderr, status } = run(template, "apply");
  expect([status, stderr]).toEqual([1, expect.stringContaining("apply.no-terminal")]);
});

test("a wrong number of seconds is an error", () => {
  const { stderr, status } = run(template, "apply", "--lock-timeout", "soon");
  expect([status, stderr]).toEqual([1, expect.stringContaining("whole seconds")]);
});
