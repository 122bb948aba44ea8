import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kamalBackup, onHost, sqlOn, start } from "../support/lab.ts";
import type { Running } from "../support/lab.ts";
import {
  ALLOWED,
  answers,
  eventually,
  freeze,
  freshApp,
  incarnation,
  kamal,
  lastOfJournal,
  locks,
  removeApps,
  replicaPolicy,
  rewrite,
  rows,
  streamState,
  thaw,
} from "./support.ts";

const DATA = "/root/teamyap-db-replica/data";
let app = "";
let rowsBefore = "";

beforeAll(() => {
  app = freshApp("teamyap", replicaPolicy());
  // 96 MB that do not compress, at 2 MB/s: a clone takes long enough to be cut off in the middle.
  onHost(
    1,
    "docker",
    "exec",
    "teamyap-db",
    "dd",
    "if=/dev/urandom",
    "of=/var/lib/postgresql/data/ballast",
    "bs=1M",
    "count=96",
  );
  rowsBefore = rows(1, "teamyap-db");
  onHost(
    1,
    "tc",
    "qdisc",
    "add",
    "dev",
    "eth0",
    "root",
    "tbf",
    "rate",
    "16mbit",
    "burst",
    "256k",
    "latency",
    "400ms",
  );
});
afterAll(() => {
  thaw();
  fullSpeed();
  removeApps();
});

function fullSpeed(): void {
  onHost(1, "sh", "-c", "tc qdisc del dev eth0 root 2>/dev/null || true");
}

/** Whether a clone is under way that is more than begun: the primary's ballast is on its way. */
function isCloning(): boolean {
  const kilobytes = onHost(2, "sh", "-c", `du -sk ${DATA}/pgdata.cloning 2>/dev/null | cut -f1`);
  return Number(kilobytes) > 8192;
}

/** The process of Kamal's command that an apply runs. */
async function kamalOf(apply: Running, command: string): Promise<number> {
  const find = () =>
    execFileSync("pgrep", ["-P", String(apply.child.pid), "-f", command], { encoding: "utf8" });
  await eventually("Kamal runs", () => find() !== "");
  return Number(find());
}

const hasCluster = () => onHost(2, "sh", "-c", `test -e ${DATA}/pgdata && echo yes || true`).trim() === "yes";
const cloning = () => eventually("the clone is in the middle", isCloning, 120);
const inStep = (step: RegExp) => new RegExp(`^\\[ *\\d+/\\d+\\] .*${step.source}`, "m");

test("Ctrl-C while somebody else's lock is waited for leaves it theirs", async () => {
  kamal(app, "lock", "acquire", "-m", "deploying");
  const apply = start(app, [...ALLOWED, "--lock-timeout", "120"]);
  await apply.seen(/The deploy lock is held by \S.* since 20\S+Z: waiting/);
  apply.child.kill("SIGINT");
  const { code, stderr } = await apply.done;
  expect(code, stderr).toBe(130);
  expect(kamal(app, "lock", "status")).toContain("Message: deploying");
});

test("with --lock-timeout apply waits for somebody else's lock; Ctrl-C during the reboot ends after it", async () => {
  const apply = start(app, [...ALLOWED, "--lock-timeout", "120"]);
  await apply.seen(/The deploy lock is held by \S.* since 20\S+Z: waiting/);
  const before = incarnation(1, "teamyap-db");
  await sleep(3000);
  expect(incarnation(1, "teamyap-db"), "nothing is touched while it waits").toBe(before);
  kamal(app, "lock", "release");

  await apply.seen(inStep(/kamal accessory reboot db/));
  apply.child.kill("SIGINT");
  const { code, stderr } = await apply.done;
  expect(code).toBe(130);
  expect(stderr).toMatch(/^Interrupted before container:db: wait up to 300 s: db accepts connections/m);
  expect(locks()).toEqual([]);
  expect(lastOfJournal(app)).toMatchObject({ event: "end", outcome: "interrupted" });
  await answers(1, "teamyap-db");
  expect(incarnation(1, "teamyap-db"), "the reboot was not cut off").not.toBe(before);
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
});

test("SIGTERM while the clone is waited for ends with 143; the clone goes on", async () => {
  const apply = start(app, ALLOWED);
  await apply.seen(inStep(/db-replica clones db/));
  await cloning();
  apply.child.kill("SIGTERM");
  const { code, stderr } = await apply.done;
  expect(code).toBe(143);
  expect(stderr).toMatch(
    /^Note: the last apply, of 20\S+, was interrupted after container:db: kamal accessory reboot db/m,
  );
  expect(stderr).toMatch(/^Interrupted in replica:db-replica: wait /m);
  expect(locks()).toEqual([]);
  expect(lastOfJournal(app)).toMatchObject({ event: "end", outcome: "interrupted" });
  expect(hasCluster()).toBe(false);
  expect(isCloning()).toBe(true);
});

test("a replica that crashes in the middle of its clone starts over and never runs half a cluster", async () => {
  const apply = start(app, ALLOWED);
  await apply.seen(inStep(/db-replica clones db/));
  await cloning();
  const first = incarnation(2, "teamyap-db-replica");
  onHost(2, "sh", "-c", "kill -9 $(docker inspect --format '{{.State.Pid}}' teamyap-db-replica)");
  expect(hasCluster()).toBe(false);
  await eventually("docker restarts it", () => incarnation(2, "teamyap-db-replica") !== first);
  const attempts = () =>
    onHost(2, "docker", "logs", "teamyap-db-replica").match(/cloning the primary, attempt 1/g);
  await eventually("it starts over", () => attempts()?.length === 2);
  expect(hasCluster()).toBe(false);

  // Apply itself is killed while it waits: its lock stays behind.
  apply.child.kill("SIGKILL");
  await apply.done;
  expect(locks()).toEqual(["/root/.kamal/lock-teamyap"]);
});

test("a stale lock is told with its owner and what to do", async () => {
  const { code, stderr } = await kamalBackup(app, ...ALLOWED);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Note: the last apply, of 20\S+, was cut off in replica:db-replica: wait /m);
  expect(stderr).toMatch(
    /held by \S.* since 20\S+Z: kamal-backup apply \[kamal-backup \S+\] \(kamal\.locked\)/,
  );
  expect(stderr).toContain("`kamal lock release` (with your -d NAME) removes a stale lock");
  kamal(app, "lock", "release");
});

test("a replica that is killed for good ends the wait, with its log", async () => {
  const apply = start(app, ALLOWED);
  await apply.seen(inStep(/db-replica clones db/));
  await cloning();
  onHost(2, "docker", "kill", "teamyap-db-replica");
  const { code, stderr } = await apply.done;
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /db-replica clones db and streams from it: its container stopped with exit 137 \(apply\.wait-failed\)/,
  );
  expect(stderr).toMatch(/where: teamyap-db-replica on [\s\S]*cloning the primary, attempt 1/);
  expect(hasCluster()).toBe(false);
  expect(locks()).toEqual([]);
});

test("apply says what was left unfinished and converges", async () => {
  fullSpeed();
  const { code, stdout, stderr } = await kamalBackup(app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/^Note: the last apply, of 20\S+, failed in replica:db-replica: wait /m);
  expect(streamState()).toBe("streaming");
  expect(onHost(2, "sh", "-c", `ls ${DATA}`).trim()).toBe("pgdata");
  await answers(2, "teamyap-db-replica");
  expect(rows(2, "teamyap-db-replica")).toBe(rowsBefore);
  expect(() => sqlOn(2, "teamyap-db-replica", "create table no ()")).toThrow(/read-only transaction/);
  const plan = await kamalBackup(app, "plan");
  expect(plan.code, plan.stdout).toBe(0);
  expect(plan.stderr).not.toContain("Note:");
});

test("apply and Kamal killed in the middle of a reboot: the next apply converges", async () => {
  rewrite(app, "backup-policy.yml", "    replicas:", "    settings: { max_wal_senders: 12 }\n    replicas:");
  const apply = start(app, ALLOWED);
  await apply.seen(inStep(/kamal accessory reboot db$/));
  const old = incarnation(1, "teamyap-db");
  const pid = await kamalOf(apply, "accessory reboot");
  const isTouched = `test "$(docker inspect --format '{{.Id}} {{.State.StartedAt}} {{.State.Running}}' teamyap-db)" != "${old} true"`;
  onHost(1, "sh", "-c", `until ${isTouched}; do sleep 0.05; done`);
  process.kill(pid, "SIGKILL");
  apply.child.kill("SIGKILL");
  await apply.done;
  kamal(app, "lock", "release");

  const { code, stdout, stderr } = await kamalBackup(app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/was cut off in container:db: kamal accessory reboot db/);
  expect(sqlOn(1, "teamyap-db", "show max_wal_senders")).toBe("12");
  expect(sqlOn(2, "teamyap-db-replica", "show max_wal_senders")).toBe("12");
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
  expect(streamState()).toBe("streaming");
  expect((await kamalBackup(app, "plan")).code).toBe(0);
});

test("a second Ctrl-C ends a command that hangs; the lock is released, and the next apply converges", async () => {
  onHost(2, "docker", "rm", "--force", "teamyap-db-replica");
  const apply = start(app, ALLOWED);
  await apply.seen(inStep(/kamal accessory boot db-replica$/));
  freeze();
  const pid = await kamalOf(apply, "accessory boot");
  apply.child.kill("SIGINT");
  await apply.seen(/Ending at the next safe point; a second signal ends harder/);
  await sleep(3000);
  expect(apply.child.exitCode, "the first lets the command finish").toBeNull();
  expect(isAlive(pid)).toBe(true);
  apply.child.kill("SIGINT");
  const tooLate = setTimeout(() => apply.child.kill("SIGKILL"), 20_000);
  const { code, stderr } = await apply.done;
  clearTimeout(tooLate);
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/^Interrupted in container:db-replica: kamal accessory boot db-replica\. /m);
  expect(isAlive(pid)).toBe(false);
  expect(locks()).toEqual([]);
  expect(lastOfJournal(app)).toMatchObject({ event: "end", outcome: "interrupted" });

  thaw();
  const again = await kamalBackup(app, ...ALLOWED);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(streamState()).toBe("streaming");
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
