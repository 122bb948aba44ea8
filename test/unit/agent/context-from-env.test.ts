import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contextFromEnv, secretNames } from "../../../src/agent/context-from-env.ts";
import type { AgentPolicy } from "../../../src/model/agent-policy.ts";
import { aStateDirectory } from "./a-state-directory.ts";
import { aDatabase, aPolicy, someFiles } from "./an-agent-policy.ts";

const SILENT = { log: () => {}, progress: () => {}, signal: new AbortController().signal };
const POLICY = aPolicy([
  aDatabase(
    "db",
    { check: { schedule: "@weekly", read_data: "5%" }, prune: { schedule: "@monthly" } },
    "0 4 * * 0",
  ),
  someFiles("storage"),
]);

/** The environment of a container with this for its policy. */
function environment(policy: unknown, own: Readonly<Record<string, string>> = {}) {
  const directory = aStateDirectory();
  const file = join(directory, "policy.json");
  if (policy !== undefined) writeFileSync(file, typeof policy === "string" ? policy : JSON.stringify(policy));
  return {
    KAMAL_BACKUP_POLICY: file,
    KAMAL_BACKUP_STATE: join(directory, "state"),
    KAMAL_BACKUP_SCRATCH: join(directory, "scratch"),
    RESTIC_PASSWORD: "hunter2secret",
    ...own,
  };
}

test("a policy with the secrets of the environment", () => {
  const env = environment(POLICY);
  const lines: string[] = [];
  const { context, policyHash } = contextFromEnv(env, { ...SILENT, log: (line) => lines.push(line) });
  expect(context.policy).toEqual(POLICY);
  expect(policyHash).toMatch(/^[0-9a-f]{64}$/);
  expect(context.reveal({ secret: "RESTIC_PASSWORD" })).toBe("hunter2secret");
  expect(context.reveal("plain")).toBe("plain");
  expect(() => context.reveal({ secret: "POSTGRES_PASSWORD" })).toThrow(/POSTGRES_PASSWORD/);
  context.log("restic said hunter2secret");
  expect(lines).toEqual(["restic said [REDACTED]"]);
  expect(statSync(env.KAMAL_BACKUP_STATE).mode & 0o777).toBe(0o700);
});

test("every secret of a policy is known by its name", () => {
  expect(secretNames(POLICY)).toEqual(["RESTIC_PASSWORD", "POSTGRES_PASSWORD"]);
});

const [db, storage] = POLICY.targets as [AgentPolicy["targets"][number], AgentPolicy["targets"][number]];
test.each([
  ["no file", undefined, "agent.policy-missing", /there is no policy/],
  ["no JSON", "version: 1", "agent.policy-invalid", /it is no JSON/],
  ["null", null, "agent.policy-invalid", /format_version is missing/],
  [
    "another format",
    { ...POLICY, format_version: "2" },
    "agent.policy-invalid",
    /format_version is "2"; this version reads "1"/,
  ],
  ["a key more", { ...POLICY, extra: 1 }, "agent.policy-invalid", /additional properties/],
  ["a key less", { ...POLICY, app: undefined }, "agent.policy-invalid", /required property 'app'/],
  [
    "a target's key less",
    { ...POLICY, targets: [{ ...storage, paths: undefined }] },
    "agent.policy-invalid",
    /\/targets\/0.*'paths'/,
  ],
  [
    "a kind of target",
    { ...POLICY, targets: [{ ...storage, type: "tape" }] },
    "agent.policy-invalid",
    /\/targets\/0/,
  ],
  [
    "two of a name",
    { ...POLICY, targets: [db, { ...storage, name: "db" }] },
    "agent.policy-invalid",
    /two targets are called db/,
  ],
  ["a repository", { ...POLICY, repositories: [] }, "agent.policy-invalid", /names the repository offsite/],
  [
    "a zone",
    { ...POLICY, timezone: "Europe/Nowhere" },
    "agent.policy-invalid",
    /no time zone is called Europe\/Nowhere/,
  ],
  [
    "a schedule",
    aPolicy([someFiles("storage", { schedule: "61 * * * *" })]),
    "agent.policy-invalid",
    /minute 61/,
  ],
])("refused: %s", (_, policy, code, message) => {
  let thrown: unknown;
  try {
    contextFromEnv(environment(policy), SILENT);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) });
});

test("a directory that cannot be used is told by the name of its variable", () => {
  const env = environment(POLICY);
  const open = (own: Readonly<Record<string, string>>) => () => contextFromEnv({ ...env, ...own }, SILENT);
  expect(open({ KAMAL_BACKUP_STATE: env.KAMAL_BACKUP_POLICY })).toThrow(/KAMAL_BACKUP_STATE/);
  expect(open({ KAMAL_BACKUP_SCRATCH: "relative" })).toThrow(/KAMAL_BACKUP_SCRATCH is no absolute path/);
  mkdirSync(env.KAMAL_BACKUP_STATE);
  expect(open({})).not.toThrow();
});
