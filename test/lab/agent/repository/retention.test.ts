import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openRepository } from "../../../../src/agent/repository/open.ts";
import { pin } from "../../../../src/agent/repository/pins.ts";
import { groupRuns } from "../../../../src/agent/repository/runs.ts";
import { applyRetention } from "../../../../src/agent/jobs/retention.ts";
import { keep } from "../../../../src/agent/retention/keep.ts";
import type { AgentTarget, RetentionRules } from "../../../../src/model/agent-policy.ts";
import { makePlace, PASSWORD, type Place, restic } from "./support.ts";

const NO_RULES: RetentionRules = {
  last: 0,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  within_seconds: null,
};

function aTarget(rules: RetentionRules): AgentTarget {
  const backup = {
    schedule: "@daily",
    jitter_seconds: 0,
    repository: "main",
    retention: rules,
    check: null,
    prune: null,
  };
  const rest = { backup, objectives: { rpo_seconds: null, rto_seconds: null }, drill: null };
  return { type: "sqlite", name: "main", path: "/data/main.sqlite3", ...rest };
}

/** Records of runs at these times, by themselves, made in one go: restic needs most of its time to open a repository. */
function makeSnapshots(place: Place, times: readonly Date[]): void {
  const env = {
    ...process.env,
    TZ: "UTC",
    RESTIC_PASSWORD: PASSWORD,
    RESTIC_REPOSITORY: place.repository.location,
  };
  for (const time of times) {
    const at = time.toISOString().slice(0, 19);
    const tags = `kamal-backup,app:shop,type:globals,target:main,run:${at}Z`;
    const argv = [
      "backup",
      "--quiet",
      "--no-scan",
      "--tag",
      tags,
      "--time",
      at.replace("T", " "),
      "/etc/hostname",
    ];
    execFileSync("restic", argv, { env, stdio: "ignore" });
  }
}

/** A week of hours, a quarter of days, three years of odd days, two within one hour. */
const TIMES = [
  ...Array.from({ length: 12 }, (_, index) => Date.UTC(2024, 2, 10, 23 - index * 5, 17)),
  ...Array.from({ length: 12 }, (_, index) => Date.UTC(2024, 1, 28 - index * 3, 2, 15)),
  ...Array.from({ length: 12 }, (_, index) => Date.UTC(2023, 11 - index * 3, 31, 12, 0)),
  Date.UTC(2024, 2, 10, 23, 40),
].map((at) => new Date(at));

const RULES: readonly Partial<RetentionRules>[] = [
  { last: 3 },
  { hourly: 7 },
  { daily: 5 },
  { daily: 400 },
  { weekly: 4 },
  { monthly: 6 },
  { yearly: 1 },
  { yearly: 10 },
  { within_seconds: 3 * 86_400 },
  { last: 1, hourly: 3, daily: 7, weekly: 5, monthly: 4, yearly: 2, within_seconds: 86_400 },
];

test("what keep() keeps is what restic's own forget keeps", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  makeSnapshots(place, TIMES);
  const runs = groupRuns(await repository.snapshots(), aTarget(NO_RULES));
  expect(runs).toHaveLength(TIMES.length);
  for (const rules of RULES) {
    const all = { ...NO_RULES, ...rules };
    const ours = keep(runs, all, "UTC").flatMap(({ run }) => run.snapshots.map(({ id }) => id));
    expect(ours.sort(), JSON.stringify(rules)).toEqual(keptByRestic(place, all).sort());
  }
});

function keptByRestic(place: Place, { within_seconds, ...counts }: RetentionRules): string[] {
  const flags = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .flatMap(([rule, count]) => [`--keep-${rule}`, String(count)]);
  if (within_seconds !== null) flags.push("--keep-within", `${within_seconds / 3600}h`);
  const [group] = JSON.parse(
    restic(place, "forget", "--dry-run", "--json", "--no-lock", "--group-by", "", ...flags),
  ) as [{ keep: { id: string }[] }];
  return group.keep.map(({ id }) => id);
}

test("retention forgets what no rule keeps, but nothing that is being restored, and no other app's", async () => {
  const place = makePlace();
  const repository = openRepository(place.repository, place.context);
  await repository.init();
  makeSnapshots(place, TIMES.slice(0, 4));
  restic(
    place,
    "backup",
    "--quiet",
    "--tag",
    "kamal-backup,app:shop2,type:globals,target:main,run:x",
    "/etc/hostname",
  );
  const oldest = (await repository.snapshots())[0];
  const release = pin([oldest?.id ?? ""], place.context);
  const target = aTarget({ ...NO_RULES, last: 2 });
  const newest = "2024-03-10T23:17:00Z";
  const retain = (taken: string) => applyRetention(target, taken, repository, place.context);
  const first = await retain(newest);
  expect(first.details).toMatchObject({ kept: 3, left: [oldest?.run] });
  expect(first.details["forgotten"]).toEqual([{ run: "2024-03-10T13:17:00Z", reason: "no rule keeps it" }]);
  release();
  // Taken just now, under a clock that was set back since.
  const taken = await retain(oldest?.run ?? "");
  expect(taken.details).toMatchObject({ kept: 3, left: [oldest?.run] });
  expect((await retain(newest)).details).toMatchObject({ kept: 2, left: [] });
  expect(JSON.parse(restic(place, "snapshots", "--json"))).toHaveLength(3);
});
