import { afterAll, beforeAll, expect, test } from "vitest";
import { kamalBackup, labValue, onHost, sqlOn, start } from "../support/lab.ts";
import {
  ALLOWED,
  answers,
  copyOf,
  eventually,
  freshApp,
  git,
  incarnation,
  kamal,
  lastOfJournal,
  locks,
  removeApps,
  rewrite,
  rows,
} from "./support.ts";

const POLICY = `version: 1
databases:
  db:
    settings: { shared_buffers: 900GB }
`;

let app = "";
let rowsBefore = "";

beforeAll(() => {
  app = freshApp("teamyap", POLICY);
  rowsBefore = rows(1, "teamyap-db");
});
afterAll(removeApps);

const command = () => onHost(1, "docker", "inspect", "--format", "{{json .Config.Cmd}}", "teamyap-db").trim();

test("a primary that does not start with its new settings is put back as it was", async () => {
  const before = command();
  const { code, stdout, stderr } = await kamalBackup(app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(1);
  expect(stderr).toMatch(
    /db accepts connections: its container restarts again and again .*apply\.wait-failed/,
  );
  expect(stderr, "the tail of the log").toMatch(
    /FATAL: .*(shared_buffers|could not map anonymous shared memory)/,
  );
  expect(stderr).toMatch(/container:db was put back as it was/);
  expect(git(app, "status", "--porcelain")).toBe("");
  expect(command()).toBe(before);
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
  expect(locks()).toEqual([]);
  expect(lastOfJournal(app)).toMatchObject({ event: "end", outcome: "failed" });
});

test("the change is pending again, and the last failure is told", async () => {
  const { code, stdout, stderr } = await kamalBackup(app, "plan");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^Note: the last apply, of 20\S+, failed in container:db: wait /m);
  expect(stdout).toMatch(/-\/\+ container:db {2}replace[\s\S]*shared_buffers=900GB/);
});

test("killed while the primary does not start, apply mends it with settings that are right", async () => {
  const apply = start(app, ALLOWED);
  await apply.seen(/^\[ *\d+\/\d+\] .*: wait up to 300 s: db accepts/m);
  await eventually("the wait is journalled", () => String(lastOfJournal(app)["step"]).startsWith("wait "));
  apply.child.kill("SIGKILL");
  await apply.done;
  await eventually("it restarts in a loop", () =>
    /^restarting [4-9]/.test(
      onHost(1, "docker", "inspect", "--format", "{{.State.Status}} {{.RestartCount}}", "teamyap-db"),
    ),
  );
  const locked = await kamalBackup(app, ...ALLOWED);
  expect(locked.code).toBe(1);
  expect(locked.stderr).toMatch(
    /lock is held by .* since 20\S+Z: kamal-backup apply \[kamal-backup [0-9a-f-]+\] \(kamal\.locked\)/,
  );
  expect(locked.stderr).toContain("kamal lock release");
  kamal(app, "lock", "release");

  rewrite(app, "backup-policy.yml", "900GB", "48MB");
  const { code, stdout, stderr } = await kamalBackup(app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/^Note: the last apply, of 20\S+, was cut off in container:db: wait /m);
  expect(sqlOn(1, "teamyap-db", "show shared_buffers")).toBe("48MB");
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
  expect((await kamalBackup(app, "plan")).code).toBe(0);
});

test("an image that cannot be pulled interrupts nothing", async () => {
  const directory = copyOf(app);
  rewrite(directory, "config/deploy.yml", "/postgres:17", "/postgres:17.99");
  const before = incarnation(1, "teamyap-db");
  const { code, stdout, stderr } = await kamalBackup(directory, ...ALLOWED);
  expect(code, stdout + stderr).toBe(1);
  expect(stderr).toMatch(/docker run --rm --network none --volumes-from teamyap-db:ro/);
  expect(stderr).toMatch(/postgres:17\.99[\s\S]*(not found|manifest unknown)/);
  expect(incarnation(1, "teamyap-db")).toBe(before);
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
  expect(locks()).toEqual([]);
  await answers(1, "teamyap-db");
});

test("an image that keeps its data elsewhere interrupts nothing", async () => {
  const make = `docker create --name elsewhere "$1:17" &&
    docker commit --change "ENV PGDATA=/var/lib/postgresql/data/elsewhere" elsewhere "$1:17-elsewhere" &&
    docker push "$1:17-elsewhere" && docker rm elsewhere`;
  onHost(1, "sh", "-c", make, "sh", `${labValue("LAB_REGISTRY")}/postgres`);
  const directory = copyOf(app);
  rewrite(directory, "config/deploy.yml", "/postgres:17", "/postgres:17-elsewhere");
  const before = incarnation(1, "teamyap-db");
  const { code, stdout, stderr } = await kamalBackup(directory, ...ALLOWED);
  expect(code, stdout + stderr).toBe(1);
  expect(stdout).toMatch(/no way back if it does not come up/);
  expect(stderr).toMatch(
    /looks for its data in \/var\/lib\/postgresql\/data\/elsewhere, where there is none/,
  );
  expect(incarnation(1, "teamyap-db")).toBe(before);
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
  expect(locks()).toEqual([]);
});
