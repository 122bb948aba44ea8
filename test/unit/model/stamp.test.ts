import { describe, expect, test } from "vitest";
import type { Accessory } from "../../../src/model/accessory.ts";
import {
  accessoryHash,
  containerCause,
  manifestCause,
  SETTINGS_LABEL,
  STAMP_LABEL,
  stampOf,
} from "../../../src/model/stamp.ts";

const accessory: Accessory = {
  name: "db",
  container: "app-db",
  hosts: ["10.0.0.1"],
  image: "postgres:17",
  cmd: null,
  env: { clear: { A: "1", B: "2" }, secret: {} },
  port: null,
  volumes: [],
  files: [],
  labels: { team: "data" },
  network: "kamal",
  restart: "unless-stopped",
  options: {},
};

describe("the hash of an accessory", () => {
  test("does not change with our own labels, nor with the order of keys", () => {
    const stamped = { ...accessory, labels: { [STAMP_LABEL]: "x", [SETTINGS_LABEL]: "y", team: "data" } };
    const reordered = { ...accessory, env: { secret: {}, clear: { B: "2", A: "1" } } };
    expect(accessoryHash(stamped)).toBe(accessoryHash(accessory));
    expect(accessoryHash(reordered)).toBe(accessoryHash(accessory));
    expect(accessoryHash(accessory)).toMatch(/^[0-9a-f]{16}$/);
  });

  test("changes with everything else", () => {
    const others: Partial<Accessory>[] = [
      { image: "postgres:16" },
      { cmd: "postgres" },
      { labels: { team: "web" } },
      { options: { memory: "2g" } },
      { env: { clear: { A: "1" }, secret: {} } },
    ];
    const hashes = others.map((other) => accessoryHash({ ...accessory, ...other }));
    expect(new Set([...hashes, accessoryHash(accessory)]).size).toBe(others.length + 1);
  });
});

test("a stamp has the label that deploy.yml carries", () => {
  const declared = { ...accessory, labels: { [STAMP_LABEL]: "old" } };
  expect(stampOf(declared, accessory)).toEqual({
    wanted: accessoryHash(accessory),
    declared: accessoryHash(declared),
    written: "old",
  });
  expect(stampOf(null, accessory)).toMatchObject({ declared: null, written: null });
});

test.each([
  ["never applied", null, null, "adopt"],
  ["booted right, changed since", "w", "w", "drift"],
  ["booted before the last apply", "w", "old", "policy"],
  ["booted before this policy", "old", "old", "policy"],
  ["started by somebody else", "w", null, "drift"],
  ["started by somebody else, and the policy moved on", "old", null, "both"],
] as const)("a container that was %s", (_, written, live, cause) => {
  expect(containerCause({ wanted: "w", declared: "w", written }, live)).toBe(cause);
});

test.each([
  ["is not there", null, null, "policy"],
  ["was never ours", null, "d", "policy"],
  ["is as we left it, and the policy moved on", "old", "old", "policy"],
  ["lost a key of ours", "w", "edited", "drift"],
  ["got another key of theirs", "old", "w", "drift"],
  ["was edited, and the policy moved on", "old", "edited", "both"],
] as const)("a block of deploy.yml that %s", (_, written, declared, cause) => {
  expect(manifestCause({ wanted: "w", declared, written })).toBe(cause);
});
