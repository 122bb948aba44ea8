import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generated } from "../../docs/generate/all.ts";

const files = Object.entries(await generated());

test.each(files)("%s is what npm run generate writes", (path, text) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")).toBe(text);
});
