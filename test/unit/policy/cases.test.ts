import { expect, test } from "vitest";
import { readCases, runCase } from "./cases.ts";

test.each(readCases().map((one) => [`${one.file}: ${one.name}`, one] as const))("%s", (_, one) => {
  const { said, printed } = runCase(one);
  expect(said).toEqual(one.diagnostics);
  for (const secret of one.absent ?? []) expect(printed).not.toContain(secret);
});
