import { expect, test } from "vitest";
import type { ListedRun } from "../../../../src/agent/jobs/list.ts";
import { runsText } from "../../../../src/agent/jobs/list-text.ts";

const RUN: ListedRun = {
  target: "db",
  repository: "offsite",
  run: "2026-03-01T01:15:02Z",
  time: "2026-03-01T01:15:02.000Z",
  age_seconds: 7200,
  made_by: "kamal-backup",
  host: "10.0.1.2",
  complete: true,
  contents: [
    { snapshot: "1a2b3c4d5e6f", database: "app", paths: [], bytes: 2048 },
    { snapshot: "a1b2c3d4e5f6", database: "cable", paths: [], bytes: null },
  ],
  kept_by: ["last"],
};

test("every snapshot is shown with the beginning of its id, as it can be named", () => {
  expect(runsText("db", [RUN])).toContain("  2h   app (1a2b3c4d) 2 kB, cable (a1b2c3d4)  last\n");
  const files = [{ snapshot: "0f1e2d3c4b5a", database: null, paths: ["avatars", "uploads"], bytes: null }];
  expect(runsText("storage", [{ ...RUN, contents: files }])).toContain(
    "  avatars + uploads (0f1e2d3c)  last\n",
  );
});

test("a run of the gem shows its only snapshot's id once, in its name", () => {
  const contents = RUN.contents.slice(0, 1);
  const text = runsText("db", [{ ...RUN, made_by: "gem", run: "1a2b3c4d5e6f", contents }]);
  expect(text).toContain("2026-03-01T01:15:02Z 1a2b3c4d  2h   app 2 kB, by the gem  last\n");
});
