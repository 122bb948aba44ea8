import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { REPLICA_ENTRY_SCRIPT } from "../../../src/topology/replica-entry.ts";

test("the entry script of a replica is a POSIX shell's", () => {
  const { status, stderr } = spawnSync("sh", ["-n"], { input: REPLICA_ENTRY_SCRIPT, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("it never names a secret's value in a command", () => {
  const uses = REPLICA_ENTRY_SCRIPT.split("\n").filter((line) => line.includes("$REPLICATION_PASSWORD"));
  expect(uses).toEqual([expect.stringMatching(/^ *printf '%s' "\$REPLICATION_PASSWORD" \| /)]);
});
