import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kamalBackup, onHost, sqlOn } from "../support/lab.ts";
import {
  ALLOWED,
  commit,
  freshApp,
  git,
  removeApps,
  replicaPolicy,
  rewrite,
  rows,
  streamState,
  textOf,
} from "./support.ts";

let app = "";
let rowsBefore = "";

/** What people write into deploy.yml, and npm's yaml would write otherwise. */
function makeOdd(directory: string): void {
  rewrite(
    directory,
    "config/deploy.yml",
    "service: teamyap",
    "x-labels: &labels   { team:  'data' , \"tier\": gold }\n\nservice:   'teamyap'   # odd   spacing",
  );
  rewrite(directory, "config/deploy.yml", "    image: ", "    # which one?\n    image:   ");
  rewrite(directory, "config/deploy.yml", "    directories:", "    directories:   # do not touch");
  rewrite(
    directory,
    "config/deploy.yml",
    "# Handy on call.",
    '  # ERB elsewhere\n<% if ENV["WITH_REDIS"] %>\n  redis:\n    image: redis:7\n    host: 192.0.2.1\n    labels: *labels\n<% end %>\n\n# Handy on call.',
  );
}

beforeAll(async () => {
  app = freshApp("flags", replicaPolicy());
  makeOdd(app);
  commit(app);
  rowsBefore = rows(1, "teamyap-db");
  const { code, stdout, stderr } = await kamalBackup(app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(0);
});
afterAll(removeApps);

const setting = (host: 1 | 2, container: string, name: string) => sqlOn(host, container, `show ${name}`);

test("flags that were there stay, on the primary and on the replica", () => {
  for (const [host, container] of [
    [1, "teamyap-db"],
    [2, "teamyap-db-replica"],
  ] as const) {
    expect(setting(host, container, "shared_buffers")).toBe("64MB");
    expect(setting(host, container, "log_min_duration_statement")).toBe("250ms");
    expect(setting(host, container, "max_slot_wal_keep_size")).toBe("10GB");
    expect(onHost(host, "docker", "inspect", "--format", "{{json .Config.Cmd}}", container)).toContain(
      '["postgres","-c","shared_buffers=64MB","-c","log_min_duration_statement=250","-c","max_replication_slots=10"',
    );
  }
  expect(streamState()).toBe("streaming");
  expect(rows(2, "teamyap-db-replica")).toBe(rowsBefore);
});

test("deploy.yml is byte for byte what it was but for the keys that are ours", () => {
  const changed = git(app, "diff", "-U0", "config/deploy.yml")
    .split("\n")
    .slice(4)
    .filter((line) => !line.startsWith("@@"));
  expect(changed.filter((line) => line.startsWith("-"))).toEqual([
    "-    cmd: postgres -c shared_buffers=64MB -c log_min_duration_statement=250",
  ]);
  const added = changed.filter((line) => line.startsWith("+"));
  const before = git(app, "show", "HEAD:config/deploy.yml");
  const after = textOf(app, "config/deploy.yml");
  expect(added.slice(0, 4).map((line) => line.replace(/(settings|applied): .*/, "$1"))).toEqual([
    expect.stringMatching(
      /^\+ {4}cmd: postgres -c shared_buffers=64MB -c log_min_duration_statement=250 -c max_\S+=10 /,
    ),
    "+    labels:",
    "+      kamal-backup.settings",
    "+      kamal-backup.applied",
  ]);
  const ours = new Set(added.map((line) => line.slice(1)));
  const rest = (text: string) =>
    text.split("\n").filter((line) => !ours.has(line) && !/^ {4}cmd: /.test(line));
  expect(rest(after)).toEqual(rest(before));
  execFileSync("kamal", ["config"], { cwd: app, env: { ...process.env, WITH_REDIS: "1" }, stdio: "ignore" });
});

test("nothing is left to do, and a second apply changes nothing", async () => {
  expect((await kamalBackup(app, "plan")).code).toBe(0);
  const text = textOf(app, "config/deploy.yml");
  expect((await kamalBackup(app, ...ALLOWED)).code).toBe(0);
  expect(textOf(app, "config/deploy.yml")).toBe(text);
});
