import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newDirectory } from "../support/checkout.ts";
import { kamalBackup, labCommand, labValue, makeApp, onHost, resetLab } from "../support/lab.ts";
import { files, mariadb, postgres, sqlite } from "./subjects.ts";
import { jsonOf } from "./support.ts";

/** The gem's accessory, as Kamal named it. */
const GEM = "teamyap-backup";

const directory = newDirectory();
const SUBJECTS = [
  postgres({ target: "db", host: 1, repository: "offsite" }),
  mariadb({ target: "shop", host: 1, repository: "offsite" }),
  sqlite({ target: "notes", host: 1, repository: "offsite" }, GEM),
  files({ target: "uploads", host: 1, repository: "offsite" }, "/var/lib/teamyap/storage"),
];

interface ListedRun {
  readonly target: string;
  readonly run: string;
  readonly made_by: string;
}

async function listed(): Promise<readonly ListedRun[]> {
  const run = await kamalBackup(directory, "list", "--json");
  expect(run.code, run.stderr).toBe(0);
  return jsonOf<{ agents: { output: { runs: ListedRun[] } }[] }>(run).agents.flatMap(
    ({ output }) => output.runs,
  );
}

async function run(...argv: string[]): Promise<void> {
  const { code, stdout, stderr } = await kamalBackup(directory, ...argv);
  expect(code, stdout + stderr).toBe(0);
}

/** Starts the gem's container beside the databases. Its secrets are the scenario's. */
function bootGem(): void {
  const secrets = readFileSync(join(directory, ".kamal/secrets"), "utf8");
  const env = ["POSTGRES_PASSWORD", "MARIADB_ROOT_PASSWORD", "RESTIC_PASSWORD", "AWS_ACCESS_KEY_ID"]
    .concat("AWS_SECRET_ACCESS_KEY")
    .map((name) => `${name}=${new RegExp(`^${name}='(.*)'$`, "m").exec(secrets)?.[1]}`);
  const config = `CONFIG=${readFileSync(join(directory, "config/kamal-backup.yml"), "utf8")}`;
  const data = "/var/lib/teamyap";
  onHost(
    1,
    ...["docker", "run", "--detach", "--init", "--name", GEM, "--network", "kamal", "--entrypoint", "sleep"],
    ...["--volume", `${data}/notes:/backup/notes`, "--volume", `${data}/storage:/data/storage:ro`],
    ...["--env", "KAMAL_BACKUP_CONFIG=/etc/gem.yml", "--env", config],
    ...env.flatMap((variable) => ["--env", variable]),
    ...["registry.lab:5000/gem:1.1.0", "infinity"],
  );
  inGem("sh", "-c", 'printf %s "$CONFIG" >/etc/gem.yml');
}

function inGem(...argv: string[]): string {
  return onHost(1, "docker", "exec", GEM, ...argv);
}

beforeAll(async () => {
  resetLab();
  labCommand("image", "mariadb", "gem");
  labCommand("agent", "17");
  labCommand("bucket", "teamyap-backups");
  makeApp(directory, "gem");
  copyFileSync(labValue("LAB_CA"), join(directory, "config/backup-ca.pem"));
  bootGem();
  for (const subject of SUBJECTS) subject.fill();
  inGem("kamal-backup", "backup", "--force");
  inGem("kamal-backup", "backup", "--force");
  await run("apply", "--auto-approve");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("backups that the gem made are the targets' own", async () => {
  const runs = await listed();
  for (const { target } of SUBJECTS)
    expect(runs.filter((one) => one.target === target).map(({ made_by }) => made_by)).toEqual(["gem", "gem"]);
});

test("they pass a drill", async () => {
  await run("drill", "production");
});

test.each(SUBJECTS)("$target comes back out of one of the gem's", async ({ target, name, harm, read }) => {
  const before = read();
  harm();
  expect(read()).not.toBe(before);
  await run("restore", "production", target, "latest", "--confirm", name);
  expect(read()).toBe(before);
});

test("retention counts them with ours", async () => {
  const gems = await listed();
  await run("backup", "--force");
  const runs = await listed();
  for (const { target } of SUBJECTS) {
    const [newest] = gems.filter((one) => one.target === target);
    const kept = runs.filter((one) => one.target === target);
    expect(kept.map(({ made_by }) => made_by)).toEqual(["kamal-backup", "gem"]);
    expect(kept[1]?.run).toBe(newest?.run);
  }
});
