import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kamalBackup, labValue, start } from "../support/lab.ts";
import {
  ALLOWED,
  answers,
  copyOf,
  footprint,
  freshApp,
  kamal,
  newDirectory,
  removeApps,
  replicaPolicy,
  rewrite,
} from "./support.ts";

let app = "";

beforeAll(() => {
  app = freshApp("teamyap", replicaPolicy());
});
afterAll(removeApps);

/** An apply that has to end with 1 and leave everything as it is; what it said. */
async function refused(directory: string, env: Record<string, string> = {}): Promise<string> {
  const before = footprint(directory);
  const { code, stdout, stderr } = await start(directory, ALLOWED, env).done;
  expect(stdout + stderr, "a failure that is told").toMatch(/^error:|^ {2}! .* blocked$/m);
  expect(footprint(directory)).toEqual(before);
  expect(code, stdout + stderr).toBe(1);
  return stdout + stderr;
}

const blocks = {
  "ERB in the block": [/^( +port: ).*$/m, `    port: <%= "10.77.0.1:5432:5432" %>`],
  "ERB that makes the block's name": [/^ {2}db:$/m, `  <%= "db" %>:`],
  "ERB around the block": [/^ {2}db:$/m, `  <% if true %>\n  db:`],
} as const;

test.for(Object.entries(blocks))("%s is refused with what to paste", async ([name, [from, to]]) => {
  const directory = copyOf(app);
  rewrite(directory, "config/deploy.yml", from, to);
  if (name.includes("around")) rewrite(directory, "config/deploy.yml", /^# Handy/m, "  <% end %>\n# Handy");
  const said = await refused(directory);
  expect(said).toMatch(/config\/deploy\.yml is not edited: .*ERB/);
  expect(said).toMatch(/accessories:\n +db:\n +cmd: postgres .*-c wal_level=replica/);
});

test("a secret of the primary that is not defined", async () => {
  const directory = copyOf(app);
  rewrite(directory, ".kamal/secrets", /^POSTGRES_PASSWORD=.*\n/m, "");
  expect(await refused(directory)).toMatch(
    /no secret POSTGRES_PASSWORD.*secrets\.undefined[\s\S]*\.kamal\/secrets/,
  );
});

test("a secret of the policy that is not defined", async () => {
  const directory = copyOf(app);
  rewrite(directory, ".kamal/secrets", /^REPLICATION_PASSWORD=.*\n/m, "");
  expect(await refused(directory)).toMatch(
    /backup-policy\.yml:6:\d+: error: .*does not define `REPLICATION_PASSWORD`/,
  );
});

test("a secret whose command fails", async () => {
  const directory = copyOf(app);
  rewrite(directory, ".kamal/secrets", /^REPLICATION_PASSWORD=.*$/m, "REPLICATION_PASSWORD=$(false)");
  expect(await refused(directory)).toMatch(/REPLICATION_PASSWORD[\s\S]*\$\(command\) that prints nothing/);
});

test("a secret whose command is not installed", async () => {
  const directory = copyOf(app);
  rewrite(
    directory,
    ".kamal/secrets",
    /^REPLICATION_PASSWORD=.*$/m,
    "REPLICATION_PASSWORD=$(no-such-vault read x)",
  );
  expect(await refused(directory)).toMatch(
    /not installed \(secrets\.unreadable\)[\s\S]*REPLICATION_PASSWORD/,
  );
});

test.for(["canary\\slash", "canary\ttab"])(
  "the password %j, which Kamal's env file would change",
  async (password) => {
    const directory = copyOf(app);
    rewrite(directory, ".kamal/secrets", /^REPLICATION_PASSWORD=.*$/m, `REPLICATION_PASSWORD='${password}'`);
    const said = await refused(directory);
    expect(said).toContain("topology.unportable-secret");
    expect(said).toContain("databases.db.replication.password");
    expect(said).not.toContain("canary");
    expect((await kamalBackup(directory, "validate")).code).toBe(1);
  },
);

test("data on an anonymous volume", async () => {
  const directory = copyOf(app);
  rewrite(directory, "config/deploy.yml", /^ +directories:\n.*\n/m, "");
  kamal(directory, "accessory", "reboot", "db");
  await answers(1, "teamyap-db");
  try {
    const plan = await kamalBackup(directory, "plan");
    expect(plan.stdout).toMatch(
      /! container:db {2}blocked\n.*not on a named volume or a directory of the host/,
    );
    expect(plan.code).toBe(2);
    expect(await refused(directory)).toMatch(/would lose the data/);
  } finally {
    kamal(app, "accessory", "reboot", "db");
    await answers(1, "teamyap-db");
  }
});

test("another major version of the image", async () => {
  const directory = copyOf(app);
  rewrite(directory, "config/deploy.yml", "/postgres:17", "/postgres:18");
  expect(await refused(directory)).toMatch(
    /! container:db {2}blocked\n +the data of db is of Postgres 17 .*postgres:18/,
  );
});

test("the deploy lock of somebody else, which stays theirs", async () => {
  const directory = copyOf(app);
  kamal(directory, "lock", "acquire", "-m", "deploying");
  try {
    const said = await refused(directory);
    expect(said).toMatch(/held by \S.* since 20\S+Z: deploying \(kamal\.locked\)/);
    expect(said).toContain("kamal lock release");
    expect(kamal(directory, "lock", "status")).toContain("Message: deploying");
  } finally {
    kamal(directory, "lock", "release");
  }
});

/** The lab's SSH configuration with other known_hosts. */
function knowOnly(directory: string, lines: string): void {
  const own = labValue("LAB_SSH_CONFIG");
  const aside = newDirectory();
  const config = readFileSync(own, "utf8").replaceAll(
    /UserKnownHostsFile .*/g,
    `UserKnownHostsFile ${aside}/known`,
  );
  writeFileSync(join(aside, "known"), lines);
  writeFileSync(join(aside, "config"), config);
  rewrite(directory, "config/deploy.yml", own, join(aside, "config"));
}

test("a host whose key is not known", async () => {
  const directory = copyOf(app);
  knowOnly(directory, "");
  const plan = await kamalBackup(directory, "plan");
  expect(plan.stdout).toMatch(/shows the ssh-ed25519 key SHA256:\S+ which is not in known_hosts/);
  expect(plan.code).toBe(3);
  expect(await refused(directory)).toMatch(/host\.key-unknown[\s\S]*--accept-new-host-keys/);
});

test("a host whose key is another than the known one", async () => {
  const directory = copyOf(app);
  const known = readFileSync(labValue("LAB_KNOWN_HOSTS"), "utf8").split("\n");
  const keyOf = (host: string) => known.find((line) => line.includes(host))?.split(" ") as string[];
  const [first, second] = [keyOf(labValue("LAB_HOST1")), keyOf(labValue("LAB_HOST2"))];
  knowOnly(directory, `${first[0]} ${second.slice(1).join(" ")}\n${second[0]} ${first.slice(1).join(" ")}\n`);
  const plan = await kamalBackup(directory, "plan");
  expect(plan.stdout).toMatch(/but another is known of it/);
  expect(plan.code).toBe(3);
  expect(await refused(directory)).toMatch(/host\.key-changed[\s\S]*ssh-keygen -R/);
});

/** A home in which every connection and every evaluated secret leaves a trace. */
function wired(directory: string): { env: Record<string, string>; traces: () => string[] } {
  const home = newDirectory();
  const trace = (name: string) => join(home, name);
  mkdirSync(join(home, ".ssh"));
  writeFileSync(join(home, ".ssh/config"), `Host *\n  ProxyCommand touch ${trace("connected")}\n`);
  chmodSync(join(home, ".ssh/config"), 0o600);
  rewrite(directory, "config/deploy.yml", /^ssh:\n(?: .*\n)+/m, "");
  appendFileSync(join(directory, ".kamal/secrets"), `PROBE=$(touch ${trace("evaluated")}; echo x)\n`);
  return {
    env: { HOME: home },
    traces: () => ["connected", "evaluated"].filter((name) => existsSync(trace(name))),
  };
}

test("what is wrong in the policy is told at once, with places, before anything is contacted", async () => {
  const control = copyOf(app);
  const live = wired(control);
  await start(control, ["plan"], live.env).done;
  expect(live.traces(), "the trap works").toEqual(["connected", "evaluated"]);

  const directory = copyOf(app);
  const { env, traces } = wired(directory);
  rewrite(directory, "backup-policy.yml", "    replication:", "    replicaton:");
  appendFileSync(join(directory, "backup-policy.yml"), "        max_lagg: 30s\n");
  for (const command of [["plan"], ["apply", "--auto-approve"], ["drift"], ["validate"]]) {
    const { code, stderr } = await start(directory, command, env).done;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /backup-policy\.yml:4:5: error: .*unknown key `replicaton`[\s\S]*did you mean `replication`\?/,
    );
    expect(stderr).toMatch(
      /backup-policy\.yml:11:9: error: .*unknown key `max_lagg`[\s\S]*did you mean `max_lag`\?/,
    );
  }
  await sleep(2000);
  expect(traces()).toEqual([]);
});

test("a policy that is no YAML", async () => {
  const directory = copyOf(app);
  rewrite(directory, "backup-policy.yml", "databases:", "databases: [");
  expect(await refused(directory)).toMatch(/backup-policy\.yml:\d+:\d+: error: /);
});

test("Kamal is not installed", async () => {
  const directory = copyOf(app);
  const bin = newDirectory();
  symlinkSync(execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim(), join(bin, "git"));
  expect(await refused(directory, { PATH: bin })).toMatch(/kamal\.missing[\s\S]*gem install kamal/);
});

test("Kamal refuses deploy.yml", async () => {
  const directory = copyOf(app);
  rewrite(directory, "config/deploy.yml", "service: teamyap", 'service: "team yap!"');
  const said = await refused(directory);
  expect(said).toMatch(/Kamal failed: Service name can only include alphanumeric/);
  expect(said).toMatch(/where: kamal config/);
});
