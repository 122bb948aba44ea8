import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backupFiles } from "../../../../src/agent/jobs/backup-files.ts";
import { dumpBackup } from "../../../../src/agent/jobs/dump.ts";
import { storeRecord } from "../../../../src/agent/jobs/facts-file.ts";
import { initRepository } from "../../../../src/agent/jobs/init.ts";
import { listRuns } from "../../../../src/agent/jobs/list.ts";
import { withRun } from "../../../../src/agent/jobs/pinned-run.ts";
import { dropPreviousFiles, restoreFiles } from "../../../../src/agent/jobs/restore-files.ts";
import { noting, orForgetRun } from "../../../../src/agent/jobs/run-cleanup.ts";
import { tagsOf } from "../../../../src/agent/jobs/run-tags.ts";
import { openRepository } from "../../../../src/agent/repository/open.ts";
import type { FilesTarget } from "../../../../src/model/agent-policy.ts";
import { type Agent, failureOf, makeAgent } from "./support.ts";

const TAKE = { force: true, acceptSmaller: false };
const ACCEPT = { force: true, acceptSmaller: true };

let agent: Agent;
let uploads: string;
let avatars: string;

beforeAll(async () => {
  agent = makeAgent();
  uploads = join(agent.directory, "uploads");
  avatars = join(agent.directory, "avatars");
  mkdirSync(join(uploads, "2026"), { recursive: true });
  mkdirSync(avatars);
  writeFileSync(join(uploads, "2026/one"), "1".repeat(10_000));
  writeFileSync(join(uploads, "two"), "2");
  await initRepository(agent.repository, agent.context([]));
});
afterAll(() => agent.remove());

const target = (): FilesTarget => ({
  type: "files",
  name: "storage",
  paths: { uploads, avatars },
  backup: {
    schedule: "@daily",
    jitter_seconds: 0,
    repository: "offsite",
    retention: null,
    check: null,
    prune: null,
  },
});
const context = () => agent.context([target()]);
const backup = (options = TAKE) => backupFiles(target(), options, context());
/** A process that is killed as soon as its snapshot is in the repository: before it can look at its size. */
function backUpAndDie({ directory, repository }: Agent, files: FilesTarget): ChildProcess {
  const watcher = watch(join(repository.location, "snapshots"), (_, name) => {
    if (/^[0-9a-f]{64}$/.test(name ?? "")) child.kill("SIGKILL");
  });
  const script = join(import.meta.dirname, "back-up-files.ts");
  const child = spawn(process.execPath, [script, directory, JSON.stringify(files)], { stdio: "inherit" });
  child.once("exit", () => watcher.close());
  return child;
}
const snapshots = () => agent.restic("snapshots") as { id: string; tags: string[] }[];

test("all paths are one snapshot, and the record comes after it; one that never had files is no fault", async () => {
  const { outcome, details } = await backup();
  expect(outcome).toBe("success");
  expect(details).toMatchObject({ paths: ["uploads", "avatars"], bytes: 10_001, warnings: [] });
  const [snapshot, record, ...others] = snapshots();
  expect(others).toEqual([]);
  const common = ["kamal-backup", "app:teamyap", "target:storage", `run:${details["run"]}`];
  expect([...(snapshot?.tags ?? [])].sort()).toEqual(
    [...common, "type:files", "path:uploads", "path:avatars"].sort(),
  );
  expect([...(record?.tags ?? [])].sort()).toEqual([...common, "type:globals"].sort());
  expect((await backup({ force: false, acceptSmaller: false })).outcome).toBe("skipped");
  expect((await listRuns([target()], context())).runs).toMatchObject([
    { complete: true, contents: [{ paths: { length: 2 } }] },
  ]);
});

test("a repository that is not there is told, and the runs in the others are listed", async () => {
  const { policy, ...rest } = context();
  const gone = { ...agent.repository, name: "gone", location: join(agent.directory, "nowhere") };
  const parcels = { ...target(), name: "parcels", backup: { ...target().backup, repository: "gone" } };
  const repositories = [...policy.repositories, gone];
  const listed = await listRuns([parcels, target()], { ...rest, policy: { ...policy, repositories } });
  expect(listed.runs).toMatchObject([{ target: "storage", complete: true }]);
  expect(listed.unlisted).toMatchObject([
    { repository: "gone", targets: ["parcels"], failure: { code: "repository.absent" } },
  ]);
  const said = agent.command({ ...policy, repositories, targets: [parcels, target()] }, "list");
  expect(said.status).toBe(1);
  expect(said.stdout).toMatch(/^storage\n {2}RUN +AGE/);
  expect(said.stderr).toMatch(/^parcels: not known\nerror: .*\(repository\.absent\)/m);
  const json = agent.command({ ...policy, repositories, targets: [parcels, target()] }, "list", "--json");
  expect([json.status, JSON.parse(json.stdout)]).toMatchObject([
    1,
    {
      runs: [{ target: "storage" }],
      failures: [{ repository: "gone", error: { code: "repository.absent" } }],
    },
  ]);
});

test("a mount that is empty, missing or suddenly small is refused, and nothing of it stays", async () => {
  const before = snapshots().length;
  writeFileSync(join(avatars, "a"), "a");
  const aside = join(agent.directory, "aside");
  renameSync(uploads, aside);
  expect(await failureOf(backup())).toMatchObject({
    code: "backup.empty",
    message: `not there: path uploads (${uploads})`,
  });
  mkdirSync(uploads);
  expect(await failureOf(backup())).toMatchObject({
    code: "backup.empty",
    message: `there are no files in path uploads (${uploads}), and the backup before had some`,
  });
  writeFileSync(join(uploads, "small"), "s");
  expect((await failureOf(backup())).code).toBe("backup.shrunk");
  expect(snapshots()).toHaveLength(before);
  rmSync(uploads, { recursive: true });
  const accepted = await backup(ACCEPT);
  expect(accepted.details["warnings"]).toEqual([`path uploads (${uploads}) is not there: it was left out`]);
  renameSync(aside, uploads);
  await backup();
});

/** The agent of another host that was not stopped, on the same target and repository. */
const elsewhere = () => {
  const { policy, ...rest } = context();
  return {
    ...rest,
    policy: { ...policy, host: "10.0.0.2" },
    stateDirectory: join(agent.directory, "state-2"),
  };
};

test("a run that fails takes back what it stored itself, and nothing of another host's run of that second", async () => {
  const run = "2026-01-01T02:15:00Z";
  const before = snapshots().map(({ id }) => id);
  const identity = { app: "teamyap", target: target(), run };
  const there = openRepository(agent.repository, elsewhere());
  const written = { ids: [], paths: [] };
  const here = openRepository(agent.repository, context());
  // restic stored it, and nobody heard of it.
  const unheard = async (...args: Parameters<typeof here.backupPaths>) => {
    await here.backupPaths(...args);
    throw new Error("the storage went away");
  };
  const failing = orForgetRun(identity, written, agent.repository, context(), async () => {
    const record = { facts: [], globals: null };
    for (const repository of [there, noting(here, written)]) {
      await repository.backupPaths([uploads], [...tagsOf(identity, "files"), "path:uploads"]);
      if (repository === there) await storeRecord(record, { repository, identity }, [], elsewhere());
    }
    const repository = noting({ ...here, backupPaths: unheard }, written);
    await storeRecord(record, { repository, identity }, [], context());
  });
  expect((await failureOf(failing)).message).toBe("the storage went away");
  expect(agent.logged.at(-1)).toBe(`forgot the 2 snapshots of run ${run}, which is not complete`);
  expect(snapshots().filter(({ id }) => !before.includes(id))).toHaveLength(2);
  const listed = (await listRuns([target()], context())).runs.filter((one) => one.run === run);
  expect(listed).toMatchObject([{ host: "10.0.0.2", complete: true }]);
});

test("another host that backs up under the same name is told, and its run is not ours", async () => {
  await backup();
  await backupFiles(target(), TAKE, elsewhere());
  agent.now = new Date(agent.now.getTime() + 86_400_000);
  const { outcome, details } = await backupFiles(target(), { force: false, acceptSmaller: false }, context());
  expect(outcome).toBe("success");
  expect(details["warnings"]).toEqual([expect.stringContaining("10.0.0.2 backs up under the same name")]);
  await backup();
  expect((await backup()).details["warnings"]).toEqual([]);
});

test("what a refused run leaves that is killed before it cleans up is no backup, and goes", async () => {
  const before = snapshots().map(({ id }) => id);
  const aside = join(agent.directory, "aside");
  renameSync(join(uploads, "2026"), aside);
  const died = once(backUpAndDie(agent, target()), "exit");
  expect(await died).toEqual([null, "SIGKILL"]);
  renameSync(aside, join(uploads, "2026"));
  const left = snapshots().filter(({ id }) => !before.includes(id));
  expect(left).toMatchObject([{ tags: expect.arrayContaining(["type:files"]) }]);
  const {
    runs: [refused, good],
  } = await listRuns([target()], context());
  expect([refused?.complete, good?.complete]).toEqual([false, true]);
  // The one before is still what the next is compared with, and what is restored.
  await withRun(target(), "latest", context(), async ({ run }) => expect(run.id).toBe(good?.run));

  agent.now = new Date(agent.now.getTime() + 25 * 3_600_000);
  const { details } = await backup();
  expect(details["retention"]).toMatchObject({ forgotten: [{ run: refused?.run }], left: [] });
  expect(snapshots().map(({ id }) => id)).toEqual(expect.arrayContaining(before));
  expect(snapshots().map(({ id }) => id)).not.toContain(left[0]?.id);
});

test("comes back, as a whole and in part; the old files are kept until they are told to go", async () => {
  const all = { selector: "latest", path: null, confirm: "storage" };
  rmSync(join(uploads, "2026"), { recursive: true });
  writeFileSync(join(uploads, "two"), "changed");
  expect((await failureOf(restoreFiles(target(), { ...all, confirm: "uploads" }, context()))).code).toBe(
    "restore.not-confirmed",
  );
  await restoreFiles(target(), { ...all, path: "uploads/2026" }, context());
  expect(readFileSync(join(uploads, "2026/one"), "utf8")).toHaveLength(10_000);
  expect(readFileSync(join(uploads, "two"), "utf8")).toBe("changed");

  agent.now = new Date(agent.now.getTime() + 60_000);
  const { details } = await restoreFiles(target(), all, context());
  expect(readFileSync(join(uploads, "two"), "utf8")).toBe("2");
  const [kept] = (details["paths"] as { kept_as: string }[]).map(({ kept_as }) => kept_as);
  expect(readFileSync(join(kept ?? "", "two"), "utf8")).toBe("changed");

  expect((await failureOf(dropPreviousFiles(target(), "yes", context()))).code).toBe("restore.not-confirmed");
  await dropPreviousFiles(target(), "storage", context());
  expect(existsSync(kept ?? "")).toBe(false);
  expect(readFileSync(join(uploads, "two"), "utf8")).toBe("2");
  const again = await dropPreviousFiles(target(), "storage", context());
  expect(again).toMatchObject({ outcome: "skipped", details: { reason: "nothing kept" } });
});

test("a label that is a single file: what was kept of it is beside it, and goes when it is told to", async () => {
  const directory = join(agent.directory, "settings");
  const file = join(directory, "settings.yml");
  mkdirSync(directory);
  writeFileSync(file, "old");
  const single: FilesTarget = { ...target(), name: "settings", paths: { settings: file } };
  const own = agent.context([single]);
  await backupFiles(single, TAKE, own);
  writeFileSync(file, "new");
  const { details } = await restoreFiles(
    single,
    { selector: "latest", path: null, confirm: "settings" },
    own,
  );
  const kept = (details["paths"] as { kept_as: string }[])[0]?.kept_as ?? "";
  expect([readFileSync(file, "utf8"), readFileSync(join(kept, "settings.yml"), "utf8")]).toEqual([
    "old",
    "new",
  ]);
  expect((await dropPreviousFiles(single, "settings", own)).details).toEqual({ dropped: [kept] });
  expect(readdirSync(directory)).toEqual(["settings.yml"]);
});

test("comes out as a tar archive", async () => {
  const output = join(agent.directory, "storage.tar");
  await dumpBackup(target(), { selector: "latest", database: null, plain: false, output }, context());
  const names = execFileSync("tar", ["-tf", output], { encoding: "utf8" });
  expect(names).toContain(join(uploads, "2026/one").slice(1));
  const plain = dumpBackup(target(), { selector: "latest", database: null, plain: true, output }, context());
  expect((await failureOf(plain)).code).toBe("restore.not-possible");
});
