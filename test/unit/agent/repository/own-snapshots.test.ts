import { expect, test } from "vitest";
import { ownSnapshots } from "../../../../src/agent/repository/own-snapshots.ts";
import type { ResticSnapshot } from "../../../../src/tools/restic/listings.ts";

function listed(tags: readonly string[], index = 0): ResticSnapshot {
  const id = index.toString(16).padStart(64, "0");
  const time = new Date(Date.UTC(2024, 0, 1) + index * 3_600_000);
  return { id, shortId: id.slice(0, 8), time, host: "h", paths: ["/a"], tags, sizeBytes: null };
}

test("app is never app2, nor what only resembles one of ours", () => {
  const ours = listed(["kamal-backup", "app:shop", "type:database"]);
  const others = [
    ["kamal-backup", "app:shop2", "type:database"],
    ["kamal-backup", "app:sho", "type:database"],
    ["kamal-backup", "app:shop", "app:shop2", "type:database"],
    ["kamal-backup2", "app:shop", "type:database"],
    ["app:shop", "type:database"],
    ["kamal-backup", "app:shop", "type:databases"],
    ["kamal-backup", "type:database", "note:app:shop"],
    [],
  ].map((tags, index) => listed(tags, index + 1));
  expect(ownSnapshots([ours, ...others], "shop").map(({ id }) => id)).toEqual([ours.id]);
});

test("the gem's snapshots are known by their tags, without target and run", () => {
  const database = listed([
    "kamal-backup",
    "app:shop",
    "type:database",
    "database:shop_production",
    "adapter:postgres",
  ]);
  const files = listed(["kamal-backup", "app:shop", "type:files", "path:data-storage", "path:data-up"], 1);
  expect(ownSnapshots([database, files], "shop")).toMatchObject([
    { type: "database", database: "shop_production", adapter: "postgres", target: null, run: null },
    { type: "files", labels: ["data-storage", "data-up"] },
  ]);
});

test("any number of them comes back, oldest first", () => {
  const many = Array.from({ length: 5000 }, (_, index) =>
    listed(["kamal-backup", index % 2 === 0 ? "app:shop" : "app:shop2", "type:globals"], 5000 - index),
  );
  const own = ownSnapshots(many, "shop");
  expect(own).toHaveLength(2500);
  expect(own.every((one, index) => index === 0 || (own[index - 1]?.time ?? 0) < one.time)).toBe(true);
});
