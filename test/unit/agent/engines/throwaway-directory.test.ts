import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  makeThrowawayDirectory,
  removeLeftovers,
} from "../../../../src/agent/engines/throwaway-directory.ts";
import { aStateDirectory } from "../a-state-directory.ts";
import { anAgent } from "../an-agent.ts";

test("a leftover is one whose lock nobody holds; what is held, or has none, stays", async () => {
  const agent = anAgent({ scratchDirectory: aStateDirectory() });
  const held = await makeThrowawayDirectory("pg-held", agent);
  const dead = await makeThrowawayDirectory("pg-dead", agent);
  // As a process leaves it that died: the file, and nobody who holds it.
  rmSync(join(dead.path, "lock"));
  writeFileSync(join(dead.path, "lock"), "");
  mkdirSync(join(agent.scratchDirectory, "pg-without"));
  const ended: string[] = [];
  const clean = () => removeLeftovers("pg-", async (directory) => void ended.push(directory), agent);
  await Promise.all([clean(), clean()]);
  expect(ended).toEqual([dead.path]);
  expect(readdirSync(agent.scratchDirectory).sort()).toEqual(["pg-held", "pg-without"]);
  await held.remove();
  expect(existsSync(held.path)).toBe(false);
});
