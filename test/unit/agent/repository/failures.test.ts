import { expect, test } from "vitest";
import { failureOf } from "../../../../src/agent/repository/failures.ts";
import type { ToolResult } from "../../../../src/tools/run.ts";

const result = (change: Partial<ToolResult>): ToolResult => ({
  exitCode: 1,
  stdout: "",
  stderr: "",
  signal: null,
  spawnError: null,
  aborted: false,
  ...change,
});
const purpose = {
  toDo: "list the snapshots",
  otherwise: "repository.failed",
  repository: "main",
  timedOutAfterSeconds: null,
  redact: (text: string) => text.replaceAll("canary", "[REDACTED]"),
} as const;
const codeOf = (change: Partial<ToolResult>): string => failureOf(result(change), purpose).code;

test("restic's exit statuses are told apart", () => {
  expect([10, 11, 12, 1, 3, 130].map((exitCode) => codeOf({ exitCode }))).toEqual([
    "repository.absent",
    "repository.locked",
    "repository.wrong-password",
    "repository.failed",
    "repository.failed",
    "repository.failed",
  ]);
  expect(codeOf({ exitCode: 69 })).toBe("repository.program-missing");
  expect(codeOf({ exitCode: null, spawnError: "ENOENT" })).toBe("repository.program-missing");
  expect(codeOf({ exitCode: 130, aborted: true })).toBe("agent.interrupted");
});

test("what took too long did not answer, unless it said that there is no bucket", () => {
  const late = { ...purpose, timedOutAfterSeconds: 10 };
  expect(failureOf(result({ aborted: true }), late)).toMatchObject({
    code: "repository.unreachable",
    message: "it did not answer within 10 seconds",
  });
  const stderr =
    "Stat(<config/>) returned error, retrying after 2.1s: Stat: The specified bucket does not exist.";
  expect(failureOf(result({ aborted: true, stderr }), late).code).toBe("repository.absent");
});

test("what restic said comes along, redacted, with what and where", () => {
  const stderr = '{"message_type":"exit_error","code":1,"message":"Fatal: canary is wrong"}';
  expect(failureOf(result({ stderr }), purpose)).toMatchObject({
    message: "restic could not list the snapshots",
    where: "repository main",
    detail: "[REDACTED] is wrong",
  });
});

test("a repository that was made twice, or by half, is not a storage out of reach", () => {
  const misfit = failureOf(
    result({ stderr: "config or key 2b3ffbcb is damaged: ciphertext verification failed" }),
    purpose,
  );
  expect(misfit).toMatchObject({
    code: "repository.made-twice",
    message: expect.stringContaining("key 2b3ffbcb:"),
  });
  const stderr = "Fatal: create key in repository at /srv failed: repository already contains keys";
  expect(codeOf({ stderr })).toBe("repository.half-made");
});
