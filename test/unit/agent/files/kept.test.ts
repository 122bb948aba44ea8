import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { beginExchange, exchange } from "../../../../src/agent/files/exchange.ts";
import { keptOf } from "../../../../src/agent/files/kept.ts";
import { keptName, workplaceIn } from "../../../../src/agent/files/names.ts";
import { dropPreviousFiles } from "../../../../src/agent/jobs/restore-files.ts";
import type { FilesTarget } from "../../../../src/model/agent-policy.ts";
import { aStateDirectory } from "../a-state-directory.ts";
import { aDatabase } from "../an-agent-policy.ts";
import { anAgent } from "../an-agent.ts";

/** A directory with two files, and what a restore kept of the names that are given. */
function aDirectory() {
  const directory = aStateDirectory();
  const keep = (stamp: string, ...names: string[]): string => {
    const kept = join(directory, keptName(stamp));
    mkdirSync(kept);
    for (const name of names) writeFileSync(join(kept, name), "");
    return kept;
  };
  const file = join(directory, "settings.yml");
  const other = join(directory, "other.yml");
  for (const path of [file, other]) writeFileSync(path, "");
  return { directory, file, other, keep };
}

test("what was kept of a label that is a directory is in it", () => {
  const { directory, keep } = aDirectory();
  const kept = [keep("20261121t021500z", "settings.yml"), keep("20261122t021500z")];
  expect(keptOf([directory, join(directory, "absent/below")])).toEqual(kept);
});

test("what was kept of one that is a file is beside it, and what was kept of others there stays", () => {
  const { directory, file, other, keep } = aDirectory();
  const own = keep("20261121t021500z", "settings.yml", "settings.yml.2");
  const both = keep("20261122t021500z", "other.yml", "settings.yml");
  keep("20261123t021500z", "other.yml");
  keep("20261124t021500z");
  keep("20261125t021500z", "settings.yml", "settings.yml.orig");
  expect(keptOf([file])).toEqual([own]);
  expect(keptOf([file, other])).toEqual([own, both, join(directory, keptName("20261123t021500z"))]);
  // A restore may be what brings it back.
  rmSync(file);
  expect(keptOf([file])).toEqual([own]);
});

test("nothing of it is removed while an exchange is half done: it may be all there is of live files", async () => {
  const { directory, file, keep } = aDirectory();
  const kept = keep("20261121t021500z", "moved.yml");
  const { backup } = aDatabase("files");
  const targets = [directory, file].map(
    (path): FilesTarget => ({ type: "files", name: "storage", paths: { path }, backup }),
  );
  beginExchangeIn(directory);
  for (const target of targets)
    await expect(dropPreviousFiles(target, "storage", anAgent())).rejects.toMatchObject({
      code: "restore.unfinished",
      where: directory,
    });
  expect(existsSync(join(kept, "moved.yml"))).toBe(true);
  exchange(directory);
  const [target] = targets;
  if (target !== undefined) await dropPreviousFiles(target, "storage", anAgent());
  expect(existsSync(kept)).toBe(false);
});

function beginExchangeIn(root: string): void {
  mkdirSync(workplaceIn(root).directory);
  beginExchange(root, { kept: keptName("20261121t021500z"), fresh: [], outdated: [] });
}
