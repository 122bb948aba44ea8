import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFrames } from "../../../src/hosts/frames.ts";

const nonce = "kb-0123";

test("any text survives between markers that start on a line of their own", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", " ", "kb-", nonce, "'", "é") });
  fc.assert(
    fc.property(
      fc.array(text.filter((body) => !body.split("\n").some((line) => line.startsWith(`${nonce} `)))),
      (bodies) => {
        const output = bodies.map((body, index) => `\n${nonce} part ${index}\n${body}`).join("");
        const frames = parseFrames(`noise${output}`, nonce);
        expect(frames.map(({ body }) => body)).toEqual(bodies);
        expect(frames.map(({ label }) => label)).toEqual(bodies.map((_, index) => ["part", String(index)]));
      },
    ),
  );
});

test("an empty answer of psql has no line at all", () => {
  expect(parseFrames(`${nonce} fact 0 0\n${nonce} fact-end 0 0 false 00000\n`, nonce)[0]).toEqual({
    label: ["fact", "0", "0"],
    body: "",
  });
});
