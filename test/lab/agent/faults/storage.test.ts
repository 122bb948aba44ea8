import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newDirectory } from "../../support/checkout.ts";
import { engine, kamalBackup, labCommand, labValue, onHost } from "../../support/lab.ts";
import { watchHost } from "../../support/watch-argv.ts";
import type { ArgvWatch } from "../../support/watch-argv.ts";
import { snapshotIds } from "../support.ts";
import { expectNoCanary } from "./no-canary.ts";
import {
  faulted,
  lastEntry,
  locks,
  makeFaultyApp,
  newPings,
  order,
  plantFaultCanaries,
  runInAgent,
  startInAgent,
  STUCK,
} from "./support.ts";

const canaries = plantFaultCanaries();
const directory = newDirectory();
const began = new Date();
const S3 = labValue("LAB_CONTAINER_S3");
let watch: ArgvWatch;

beforeAll(async () => {
  await makeFaultyApp(directory, canaries);
  watch = watchHost(1);
});
beforeEach(() => order());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a backup tells its start and its success, and leaves no lock", async () => {
  expect(await runInAgent("backup")).toMatchObject({ code: 0 });
  expect(locks()).toEqual([]);
  expect(newPings(canaries)).toEqual(["start", "success"]);
});

test("a wrong password is named as such, and nothing is made", async () => {
  const before = snapshotIds();
  const failed = await startInAgent(["backup", "--force"], { RESTIC_PASSWORD: "another" }).done;
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("repository.wrong-password");
  expect(lastEntry()).toMatchObject({ outcome: "failure", error: { code: "repository.wrong-password" } });
  expect(newPings(canaries)).toEqual(["start", "fail"]);
  const init = await startInAgent(["init", "offsite"], { RESTIC_PASSWORD: "another" }).done;
  expect(init.code).toBe(1);
  expect(init.stderr).toContain("repository.wrong-password");
  const status = await startInAgent(["status", "--json"], { RESTIC_PASSWORD: "another" }).done;
  expect(JSON.parse(status.stdout)).toMatchObject({ repositories: [{ state: "wrong-password" }] });
  expect(snapshotIds()).toEqual(before);
});

test("a storage that hiccups and is slow holds a backup up, no more", async () => {
  await order(
    { kind: "status", status: 503, requests: 6 },
    { kind: "half", method: "GET", requests: 1 },
    { kind: "cut", method: "PUT", path: "/data/", requests: 2 },
    { kind: "refuse", requests: 2 },
    { kind: "delay", ms: 1500, seconds: 15 },
  );
  expect(await runInAgent("backup", "--force")).toMatchObject({ code: 0 });
  await faulted(11);
  await order();
  expect(await runInAgent("check")).toMatchObject({ code: 0 });
});

test("a repository that is gone for a minute is said to be, and the backup after it works", async () => {
  const before = snapshotIds();
  const network = networkOf(S3);
  engine("network", "disconnect", network, S3);
  try {
    const backup = startInAgent(["backup", "--force"]);
    const status = await runInAgent("status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ repositories: [{ state: "unreachable" }] });
    const failed = await backup.done;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("repository.unreachable");
  } finally {
    engine("network", "connect", "--ip", new URL(labValue("LAB_S3_HTTP")).hostname, network, S3);
  }
  expect(snapshotIds()).toEqual(before);
  expect(await runInAgent("backup", "--force")).toMatchObject({ code: 0 });
  expect(snapshotIds()).toEqual(expect.arrayContaining(before));
  newPings(canaries);
});

test("restic killed half-way fails the backup; the next one clears its lock and works", async () => {
  const before = snapshotIds();
  await order(STUCK);
  const backup = startInAgent(["backup", "--force"]);
  await faulted(1);
  onHost(1, "pkill", "-KILL", "-x", "restic");
  const failed = await backup.done;
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("SIGKILL");
  expect(newPings(canaries)).toEqual(["start", "fail"]);
  await order();
  expect(snapshotIds()).toEqual(before);
  expect(await runInAgent("backup", "--force")).toMatchObject({ code: 0 });
  expect(locks()).toEqual([]);
});

function networkOf(container: string): string {
  const format = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}";
  return engine("inspect", "-f", format, container).trim();
}

test("a repository that was lost is never made anew", async () => {
  // The service keeps its contents in memory.
  engine("restart", S3);
  for (const bucketIsThere of [false, true]) {
    if (bucketIsThere) labCommand("bucket", "teamyap-backups");
    for (const words of [
      ["backup", "--force"],
      ["init", "offsite"],
    ]) {
      const failed = await runInAgent(...words);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain("repository.lost");
    }
  }
  const applied = await kamalBackup(directory, "apply", "--auto-approve");
  expect(applied.code).not.toBe(0);
  expect(await runInAgent("init", "offsite")).toMatchObject({ code: 1 });
});

test("no secret is where it could be seen", async () => {
  expectNoCanary(canaries, directory, began, await watch.stop());
});
