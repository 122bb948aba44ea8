import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/agent/clock.ts";
import { checkRepository } from "../../../../src/agent/jobs/check.ts";
import { openRepository } from "../../../../src/agent/repository/open.ts";
import { readKnown } from "../../../../src/agent/repository/known.ts";
import { runTool } from "../../../../src/tools/run.ts";
import { anotherAgent, codeOf, makePlace, PASSWORD, restic, sh } from "./support.ts";

const TAGS = [
  "kamal-backup",
  "app:shop",
  "type:database",
  "adapter:postgres",
  "target:db",
  "run:2026-11-21T02:15:00Z",
];

test("a stream is stored, listed with its tags as they were given, and comes back byte for byte", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  const odd = "database: a,b 100%2C ";
  const stored = await repository.backupStream(sh("seq 1 200000"), "a%2Cb.pgdump", [...TAGS, odd]);
  const [snapshot, ...others] = await repository.snapshots();
  expect(others).toEqual([]);
  expect(snapshot).toMatchObject({
    id: stored.snapshotId,
    host: "10.0.0.1",
    paths: ["/a%2Cb.pgdump"],
    type: "database",
    target: "db",
    adapter: "postgres",
    run: "2026-11-21T02:15:00Z",
    database: " a,b 100%2C ",
    sizeBytes: stored.bytes,
  });
  expect(stored.addedBytes).toBeGreaterThan(1000);
  const dump = repository.dumpProducer(stored.snapshotId, "/a%2Cb.pgdump");
  const back = await runTool(dump, { signal: place.context.signal });
  expect(back.stdout.split("\n")).toHaveLength(200001);
  expect(await repository.list(stored.snapshotId)).toMatchObject([{ path: "/a%2Cb.pgdump" }]);
});

test("a producer that fails, is killed, or cannot be started leaves no snapshot and says why in its own words", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  const half = sh(`seq 1 100000; echo "pg_dump: error: server closed, password ${PASSWORD}" >&2; exit 3`);
  await expect(repository.backupStream(half, "a", TAGS)).rejects.toMatchObject({
    code: "backup.failed",
    message: "sh failed: exit status 3",
    detail: expect.stringMatching(/^pg_dump: error: server closed, password \[REDACTED\]\n/),
  });
  await expect(repository.backupStream(sh("echo x; kill -9 $$"), "a", TAGS)).rejects.toMatchObject({
    message: "sh failed: signal: killed",
  });
  const missing = { program: "no-such-program", argv: [], env: {} };
  await expect(repository.backupStream(missing, "a", TAGS)).rejects.toMatchObject({
    message: "no-such-program failed: exit status 127",
    detail: expect.stringContaining("not found"),
  });
  expect(JSON.parse(restic(place, "snapshots", "--json"))).toEqual([]);
  expect(readdirSync(place.context.scratchDirectory)).toEqual([]);
});

test("a producer that writes nothing, for which restic makes a snapshot all the same, leaves none", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  await expect(repository.backupStream(sh("true"), "a", TAGS)).rejects.toMatchObject({
    message: "sh wrote nothing",
  });
  expect(JSON.parse(restic(place, "snapshots", "--json"))).toEqual([]);
  expect(readKnown(place.context.stateDirectory, "main").unfit).toEqual([]);
});

test("paths are stored; one that cannot be read is a failure without a snapshot", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  const files = join(place.directory, "files");
  mkdirSync(join(files, "deep"), { recursive: true });
  writeFileSync(join(files, "deep/one"), "1");
  const stored = await repository.backupPaths([files], ["kamal-backup", "app:shop", "type:files", "run:x"]);
  const back = join(place.directory, "back");
  await repository.restoreTo(stored.snapshotId, join(files, "deep"), back);
  expect(readFileSync(join(back, "one"), "utf8")).toBe("1");
  expect(await repository.readText(stored.snapshotId, join(files, "deep/one"))).toBe("1");
  expect(await codeOf(repository.readText(stored.snapshotId, "/none"))).toBe("repository.failed");

  // Root reads everything; nobody reads a directory of /proc that is another thread's business.
  expect(await codeOf(repository.backupPaths([files, "/proc/self/mem"], TAGS))).toBe("backup.failed");
  expect(await codeOf(repository.backupPaths([join(place.directory, "none")], TAGS))).toBe("backup.failed");
  expect(JSON.parse(restic(place, "snapshots", "--json"))).toHaveLength(1);
});

test("progress is told while a producer works, and an abort leaves neither snapshot nor lock", async () => {
  const place = makePlace();
  await openRepository(place.repository, place.context).init();
  const stop = new AbortController();
  const context = { ...place.context, signal: stop.signal };
  const repository = openRepository(place.repository, context);
  setTimeout(() => stop.abort(), 3000);
  expect(await codeOf(repository.backupStream(sh("seq 1 1000000; sleep 60"), "a", TAGS))).toBe(
    "agent.interrupted",
  );
  expect(place.progress.map(({ phase }) => phase)).toContain("storing a");
  expect(JSON.parse(restic(place, "snapshots", "--json"))).toEqual([]);
  expect(restic(place, "list", "locks", "--no-lock")).toBe("");
});

test("the password is in no argv; the producer has what it is given, and nothing of restic's", async () => {
  const env = { AWS_ACCESS_KEY_ID: "canary-key-id", AWS_SECRET_ACCESS_KEY: { secret: "STORAGE_KEY" } };
  const place = makePlace({ env });
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  const look = sh('cat /proc/$PPID/cmdline /proc/$$/cmdline | tr "\\0" " "; env', {
    MINE: "yes",
  });
  const { snapshotId } = await repository.backupStream(look, "argv", TAGS);
  const seen = await repository.readText(snapshotId, "/argv");
  expect(seen).toContain("--stdin-from-command");
  expect(seen).toContain("MINE=yes");
  expect(seen).not.toContain(PASSWORD);
  expect(seen).not.toMatch(/RESTIC_\w+=|canary/);
});

test("absent, lost, another one, and a wrong password are told apart, and a lost one is never made anew", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  expect(await repository.probe()).toMatchObject({ state: "absent", id: null, expected_id: null });
  expect(await codeOf(repository.open())).toBe("repository.absent");
  const id = await repository.init();
  expect(await repository.init()).toBe(id);
  expect(await repository.probe()).toMatchObject({ state: "ready", id, expected_id: id, detail: "" });

  const wrong = openRepository({ ...place.repository, password: "wrong" }, place.context);
  expect(await codeOf(wrong.open())).toBe("repository.wrong-password");
  expect((await wrong.probe()).state).toBe("wrong-password");

  const { location } = place.repository;
  renameSync(location, `${location}-away`);
  const again = openRepository(place.repository, place.context);
  expect(await codeOf(again.open())).toBe("repository.lost");
  expect(await codeOf(again.init())).toBe("repository.lost");
  expect(await codeOf(again.backupStream(sh("echo x"), "a", TAGS))).toBe("repository.lost");
  expect(existsSync(location)).toBe(false);
  expect(await again.probe()).toMatchObject({ state: "absent", expected_id: id });

  const place2 = anotherAgent(place, "other");
  await openRepository(place2.repository, place2.context).init();
  expect(await codeOf(again.open())).toBe("repository.other");
  expect(await codeOf(again.forget(["0".repeat(64)]))).toBe("repository.other");
});

test("two that make it at once find one repository, if need be once the key that is named is moved away", async () => {
  const place = makePlace();
  const others = [place, anotherAgent(place, "shop2")].map(({ repository, context }) =>
    openRepository(repository, { ...context, clock: systemClock }),
  );
  const ends = await Promise.allSettled(others.map((one) => one.init()));
  const keys = ends.flatMap((end) =>
    end.status === "fulfilled" ? [] : [/ its key (\w+):/.exec(`${end.reason}`)?.[1] ?? `${end.reason}`],
  );
  if (keys.length > 0) {
    expect(keys).toEqual([keys[0], keys[0]]);
    const { location } = place.repository;
    renameSync(join(location, "keys", keys[0] ?? ""), join(place.directory, "misfit"));
  }
  const ids = await Promise.all(others.map((one) => one.init()));
  expect(ids).toEqual([ids[0], ids[0]]);
  await others[0]?.backupStream(sh("echo x"), "a", TAGS);
});

test("an init waits for another one's config; one that was ended half-way is told", async () => {
  const place = makePlace();
  const { location } = place.repository;
  restic(place, "init");
  const [config, away] = [join(location, "config"), join(place.directory, "config")];
  renameSync(config, away);
  const repository = openRepository(place.repository, place.context);
  expect(await codeOf(repository.init())).toBe("repository.half-made");
  const making = openRepository(place.repository, { ...place.context, clock: systemClock }).init();
  setTimeout(() => renameSync(away, config), 1500);
  expect(await making).toBe(await repository.open());
});

test("another app's snapshots are neither listed nor forgotten, nor any that somebody made by hand", async () => {
  const shop = makePlace({}, "shop");
  const shop2 = anotherAgent(shop, "shop2");
  const repository = openRepository(shop.repository, shop.context);
  const repository2 = openRepository(shop2.repository, shop2.context);
  await repository.init();
  expect(await repository2.init()).toBe(await repository.open());
  const mine = await repository.backupStream(sh("echo 1"), "a", TAGS);
  const tags2 = TAGS.map((tag) => (tag === "app:shop" ? "app:shop2" : tag));
  const theirs = await repository2.backupStream(sh("echo 2"), "a", tags2);
  const byHand = JSON.parse(
    restic(shop, "backup", "--json", "--quiet", "--tag", "app:shop", "/etc/hostname")
      .trim()
      .split("\n")
      .at(-1) ?? "",
  ) as { snapshot_id: string };
  expect((await repository.snapshots()).map(({ id }) => id)).toEqual([mine.snapshotId]);
  expect((await repository2.snapshots()).map(({ id }) => id)).toEqual([theirs.snapshotId]);
  for (const foreign of [theirs.snapshotId, byHand.snapshot_id])
    expect(await codeOf(repository.forget([mine.snapshotId, foreign]))).toBe("repository.not-ours");
  expect(JSON.parse(restic(shop, "snapshots", "--json"))).toHaveLength(3);
  await repository.forget([mine.snapshotId, "f".repeat(64)]);
  expect(await repository.snapshots()).toEqual([]);
  expect(await repository.prune()).toContain("to delete");
  expect((await repository2.snapshots()).map(({ id }) => id)).toEqual([theirs.snapshotId]);
});

test("check passes on a sound repository and tells a damaged one", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  await repository.backupStream(sh("head -c 3000000 /dev/urandom"), "a", TAGS);
  await repository.check(null);
  await repository.check("100%");
  const [pack = ""] = restic(place, "list", "packs", "--no-lock").split("\n");
  const file = join(place.repository.location, "data", pack.slice(0, 2), pack);
  chmodSync(file, 0o600);
  writeFileSync(file, "damaged");
  await expect(checkRepository("main", "100%", place.context)).rejects.toMatchObject({
    code: "repository.damaged",
    details: { read_data: "100%" },
  });
});
