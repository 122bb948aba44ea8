import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const MODULE = join(import.meta.dirname, "../../../src/cli/exit-when-written.ts");
const program = `import { exitWhenWritten } from ${JSON.stringify(MODULE)};
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
process.stdout.write("x".repeat(1_000_000)); process.stderr.write("y".repeat(1_000_000)); exitWhenWritten(3);`;

/** Through a shell, whose pipes are real ones. */
function sh(script: string): Promise<string> {
  const argv = ["-c", script, "sh", process.execPath, "--input-type=module", "--eval", program];
  return new Promise((resolve, reject) => {
    execFile("bash", argv, (error, stdout) => (error === null ? resolve(stdout.trim()) : reject(error)));
  });
}

test("a slow reader gets everything, and the status is kept", async () => {
  expect(await sh('"$@" 2>/dev/null | (sleep 0.5; wc -c); echo "${PIPESTATUS[0]}"')).toBe("1000000\n3");
  expect(await sh('("$@" 2>&1 >/dev/null) | (sleep 0.5; wc -c)')).toBe("1000000");
});

test("a reader that goes away does not hold it up", async () => {
  expect(await sh('"$@" 2>/dev/null | head -c 1; echo "${PIPESTATUS[0]}"')).toBe("x3");
});
