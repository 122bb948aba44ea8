import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { identitiesFor } from "../../../src/hosts/identities.ts";
import { type Route, routeTo } from "../../../src/hosts/route.ts";

const directory = mkdtempSync(join(tmpdir(), "identities-"));
afterAll(() => rmSync(directory, { recursive: true }));

const make = (name: string, passphrase = "", type = "ed25519") => {
  const path = join(directory, name);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", path]);
  return path;
};
const open = make("open");
const locked = make("locked", "a passphrase");
const stranger = make("stranger");
const rsa = make("rsa", "", "rsa");

function route(keys: readonly string[], keysOnly: boolean, agent?: string): Route {
  const ssh = {
    user: "root",
    port: 22,
    proxy: null,
    proxyCommand: null,
    keys,
    keysOnly,
    keyData: [],
    config: false,
  };
  return routeTo({ ssh, env: { HOME: directory, SSH_AUTH_SOCK: agent } }, "db");
}

test("files and data are read in order; what cannot be used is told with the reason", async () => {
  const missing = join(directory, "missing");
  const found = await identitiesFor(route([open, locked, missing, rsa], false), [
    readFileSync(stranger, "utf8"),
    "no key",
  ]);
  expect(found.agent).toBeNull();
  expect(found.tried).toEqual([open, rsa, "ssh.key_data 1"]);
  expect(found.skipped).toEqual([
    `${missing}: not there`,
    expect.stringMatching(/^ssh.key_data 2: not understood/),
    expect.stringMatching(/locked: protected by a passphrase/),
  ]);
  expect(found.keys.map((key) => key.type)).toEqual(["ssh-ed25519", "ssh-rsa", "ssh-ed25519"]);
});

test("an agent that is gone is told", async () => {
  const found = await identitiesFor(route([open], false, join(directory, "no-agent")), []);
  expect(found.tried).toEqual([open]);
  expect(found.skipped).toEqual(["SSH agent: Failed to connect to agent"]);
});

test("the agent's keys come first, and with keysOnly only those that are named", async () => {
  const socket = join(directory, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(agent.stdout, "data");
    execFileSync("ssh-add", ["-q", stranger, open], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const all = await identitiesFor(route([open, rsa], false, socket), []);
    expect(all.tried).toEqual(["2 of the SSH agent", rsa]);
    const only = await identitiesFor(route([open, rsa], true, socket), []);
    expect(only.tried).toEqual(["1 of the SSH agent", rsa]);
    expect(only.keys).toHaveLength(1);
  } finally {
    agent.kill();
  }
});
