import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { unlockRepository } from "../../../../src/agent/jobs/unlock.ts";
import { openRepository } from "../../../../src/agent/repository/open.ts";
import { codeOf, makePlace, PASSWORD, type Place, restic, sh } from "./support.ts";

const TAGS = ["kamal-backup", "app:shop", "type:database"];

const locksIn = (place: Place): readonly string[] =>
  restic(place, "list", "locks", "--no-lock").split("\n").filter(Boolean);

/** A restic that holds a lock, started by somebody else; of another host's name where one is given. */
async function holdLock(place: Place, host: string | null): Promise<ChildProcess> {
  const hold =
    "exec restic backup --quiet --stdin-filename held --stdin-from-command -- sh -c 'echo x; exec sleep 60'";
  const [program, argv] =
    host === null ? ["sh", ["-c", hold]] : ["unshare", ["--uts", "sh", "-c", `hostname ${host}; ${hold}`]];
  const env = { ...process.env, RESTIC_PASSWORD: PASSWORD, RESTIC_REPOSITORY: place.repository.location };
  const before = locksIn(place).length;
  const child = spawn(program as string, argv as string[], { env, stdio: "ignore", detached: true });
  onTestFinished(() => kill(child));
  await until(() => locksIn(place).length > before);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-(child.pid as number), "SIGKILL");
  await until(() => child.exitCode !== null || child.signalCode !== null);
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not come to that within ten seconds");
}

test("a run of ours that is killed leaves a lock, which the next run removes by itself", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  const killed = codeOf(repository.backupStream(sh("echo x; exec sleep 60"), "a", TAGS));
  await until(() => locksIn(place).length > 0);
  const [lock] = await repository.locks();
  expect(lock).toMatchObject({ stale: false, exclusive: false });
  // Under `flock --no-fork` the process is restic itself.
  expect(readFileSync(`/proc/${lock?.pid}/comm`, "utf8")).toBe("restic\n");
  const group = readFileSync(`/proc/${lock?.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[2];
  process.kill(-Number(group), "SIGKILL");
  expect(await killed).toBe("backup.failed");
  expect(await repository.locks()).toMatchObject([{ stale: true }]);

  await openRepository(place.repository, place.context).backupStream(sh("echo y"), "a", TAGS);
  expect(locksIn(place)).toEqual([]);
  expect(readdirSync(join(place.context.stateDirectory, "repositories")).sort()).toEqual([
    "main.flock",
    "main.json",
  ]);
  expect(await repository.snapshots()).toHaveLength(1);
});

test("unlock removes a dead lock of this host and leaves a live one of another", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  await kill(await holdLock(place, null));
  await holdLock(place, "elsewhere");
  expect((await repository.locks()).map(({ host, stale }) => [host === "elsewhere", stale]).sort()).toEqual([
    [false, true],
    [true, false],
  ]);
  expect(await repository.unlock()).toMatchObject([{ stale: true }]);
  expect(await repository.locks()).toMatchObject([{ host: "elsewhere", stale: false }]);
  expect(await unlockRepository(place.repository.name, place.context)).toMatchObject({
    outcome: "skipped",
    details: { reason: "no stale locks", removed: [], left: [{ host: "elsewhere" }] },
  });
  expect((await repository.probe()).locks).toHaveLength(1);
  // A backup needs no more than that.
  await repository.backupStream(sh("echo x"), "a", TAGS);
});

test("while a restic of ours is at work, nobody judges locks of this host's name", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  await kill(await holdLock(place, null));
  const stop = new AbortController();
  const busy = openRepository(place.repository, { ...place.context, signal: stop.signal });
  const running = codeOf(busy.backupStream(sh("echo x; sleep 60"), "a", TAGS));
  await until(() => locksIn(place).length === 2);
  expect((await repository.locks()).map(({ stale }) => stale)).toEqual([false, false]);
  expect(await repository.unlock()).toEqual([]);
  stop.abort();
  expect(await running).toBe("agent.interrupted");
  expect(await repository.unlock()).toHaveLength(1);
});

test("a reader that was killed does not hold up what needs the repository to itself", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  const { snapshotId } = await repository.backupStream(sh("echo x"), "a", TAGS);
  await kill(await holdLock(place, null));
  const begun = Date.now();
  await repository.forget([snapshotId]);
  await repository.prune();
  await repository.check(null);
  // restic alone would wait two minutes for the lock, and fail.
  expect(Date.now() - begun).toBeLessThan(60_000);
  expect(locksIn(place)).toEqual([]);
});
