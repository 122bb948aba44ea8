import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { driftExit, drifted } from "../../src/engine/verdict.ts";
import type { Plan } from "../../src/model/plan.ts";
import { driftText } from "../../src/report/drift-text.ts";
import { driftJson, jsonText } from "../../src/report/json.ts";
import { planText } from "../../src/report/plan-text.ts";
import { PLANS } from "./plans.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../schemas/plan.v1.schema.json", import.meta.url), "utf8"),
);
const isPlan = new Ajv2020({ allErrors: true }).compile(schema);
const golden = (name: string, report: string) => `reports/${name.replaceAll(" ", "-")}.${report}.txt`;

describe.each(Object.entries(PLANS))("%s", (name, plan) => {
  test("as plan", async () => {
    const text = planText(plan, { commands: false, colour: false, allowed: "reload" });
    await expect(text).toMatchFileSnapshot(golden(name, "plan"));
  });

  test("as plan with its commands and colours", async () => {
    const text = planText(plan, { commands: true, colour: true, allowed: "reload" });
    await expect(text).toMatchFileSnapshot(golden(name, "commands"));
  });

  test("as drift", async () => {
    await expect(driftText(plan, drifted(plan), false)).toMatchFileSnapshot(golden(name, "drift"));
  });

  test("as JSON that its schema describes", () => {
    expect(isPlan(JSON.parse(jsonText(plan))), JSON.stringify(isPlan.errors)).toBe(true);
  });
});

test("the schema refuses what is no plan", () => {
  const [plan] = Object.values(PLANS);
  expect(isPlan({ ...plan, changes: [{ id: "a:b" }] })).toBe(false);
  expect(isPlan({ ...plan, extra: 1 })).toBe(false);
});

test("what may well be meant is told, and is no drift", () => {
  const plan = PLANS["tables that are gone"] as Plan;
  expect(driftExit(plan)).toBe(0);
  expect(driftJson(plan, drifted(plan))).toMatchObject({
    drifted: [],
    notices: [{ id: "freshness:db/backup", notice: expect.stringContaining("public.orders (1234)") }],
  });
});
