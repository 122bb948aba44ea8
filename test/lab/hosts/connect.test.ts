import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Hosts } from "../../../src/hosts/hosts.ts";
import { Home, host1, host2, key, knownHosts, name2, nobody } from "./lab-hosts.ts";

const lineOf = (host: string) => knownHosts.split("\n").find((line) => line.includes(host)) ?? "";
const keyOf = (host: string) => lineOf(host).split(" ").slice(1).join(" ");

const opened: { home: Home; hosts: Hosts }[] = [];
function open(known: string | null, ...options: Parameters<Home["open"]>) {
  const home = new Home(known);
  const hosts = home.open(...options);
  opened.push({ home, hosts });
  return { home, hosts };
}
afterEach(() => {
  for (const { home, hosts } of opened.splice(0)) {
    hosts.close();
    home.remove();
  }
});

const hostname = async (hosts: Hosts, host: string) => (await hosts.exec(host, ["hostname"])).stdout.trim();
const failure = (code: string, rest: object = {}) => expect.objectContaining({ code, ...rest });

test("one connection serves a host, also when it is opened early", async () => {
  const { hosts } = open(knownHosts);
  void hosts.connect(host1);
  const ports = await Promise.all(
    [1, 2, 3].map(() => hosts.exec(host1, ["sh", "-c", "echo $SSH_CONNECTION"])),
  );
  expect(new Set(ports.map(({ stdout }) => stdout)).size).toBe(1);
});

test("an unknown key is refused with its fingerprint and the line to add, and the line works", async () => {
  const { home, hosts } = open("");
  const refused: unknown = await hosts.connect(host1).catch((error: unknown) => error);
  expect(refused).toEqual(
    failure("host.key-unknown", { message: expect.stringMatching(/SHA256:[\w+/]{43}/) }),
  );
  const command = (refused as { detail: string }).detail;
  expect(readFileSync(home.knownHostsFile, "utf8")).toBe("");
  execFileSync("sh", ["-c", command]);
  expect(await hosts.exec(host1, ["true"]).catch(() => hosts.exec(host1, ["true"]))).toMatchObject({
    code: 0,
  });
});

test("a changed key is refused, even when new ones are accepted", async () => {
  const { home, hosts } = open(`${host1} ${keyOf(host2)}\n`, {}, true);
  await expect(hosts.exec(host1, ["true"])).rejects.toEqual(
    failure("host.key-changed", { detail: `Known at ${home.knownHostsFile}:1` }),
  );
  expect(readFileSync(home.knownHostsFile, "utf8").trim().split("\n")).toHaveLength(1);
});

test("a revoked key is refused", async () => {
  const { hosts } = open(`${lineOf(host1)}\n@revoked * ${keyOf(host1)}\n`, {}, true);
  await expect(hosts.exec(host1, ["true"])).rejects.toEqual(failure("host.key-revoked"));
});

test("a new key is accepted where that is asked for, and remembered", async () => {
  const { home, hosts } = open(null, {}, true);
  expect((await hosts.exec(host1, ["true"])).code).toBe(0);
  expect(readFileSync(home.knownHostsFile, "utf8")).toBe(`${host1} ${keyOf(host1)}\n`);
  expect(statSync(join(home.path, ".ssh")).mode & 0o777).toBe(0o700);
  expect(statSync(home.knownHostsFile).mode & 0o777).toBe(0o600);
  hosts.close();
  const strict = home.open();
  expect((await strict.exec(host1, ["true"])).code).toBe(0);
  strict.close();
});

test("a refused key reaches no authentication, so nothing is remembered when the key is wrong", async () => {
  const home = new Home(null);
  const wrong = join(home.path, "wrong");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", wrong]);
  const hosts = home.open({ keys: [wrong, "~/.ssh/absent"] }, true);
  opened.push({ home, hosts });
  await expect(hosts.exec(host1, ["true"])).rejects.toEqual(
    failure("host.auth-failed", {
      message: expect.stringContaining(`host ${host1} refused to let root in; keys tried: ${wrong}`),
      detail: expect.stringContaining("absent: not there"),
    }),
  );
});

test("a key may come as data", async () => {
  const { hosts } = open(knownHosts, { keys: [], keyData: [readFileSync(key, "utf8")] });
  expect((await hosts.exec(host1, ["true"])).code).toBe(0);
});

test("an address where nobody is fails in time, and says so again", async () => {
  const { hosts } = open(knownHosts, {}, false, 2);
  const started = performance.now();
  void hosts.connect(nobody);
  for (const _ of [1, 2]) {
    await expect(hosts.exec(nobody, ["true"])).rejects.toEqual(
      failure("host.unreachable", { message: expect.stringContaining(`host ${nobody} cannot be reached`) }),
    );
  }
  expect(performance.now() - started).toBeLessThan(6000);
});

test("a closed port is told", async () => {
  const { hosts } = open(knownHosts, { port: 2 });
  await expect(hosts.exec(host1, ["true"])).rejects.toThrow(/ECONNREFUSED/);
});

test("a bastion leads to a host, both checked against known_hosts", async () => {
  const { hosts } = open(knownHosts, { proxy: host1 });
  const { stdout } = await hosts.exec(host2, ["sh", "-c", "echo $SSH_CONNECTION; hostname"]);
  expect(stdout).toMatch(new RegExp(`^${host1.replaceAll(".", "\\.")} .*\n${name2}\n$`));
  const half = open(`${lineOf(host2)}\n`, { proxy: `root@${host1}:22` }).hosts;
  await expect(half.exec(host2, ["true"])).rejects.toEqual(
    failure("host.key-unknown", { message: expect.stringContaining(`bastion ${host1} shows`) }),
  );
});

test("a failing bastion is named, and so is a host that it cannot reach", async () => {
  const dead = open(knownHosts, { proxy: nobody }, false, 2).hosts;
  await expect(dead.exec(host2, ["true"])).rejects.toEqual(
    failure("host.unreachable", { message: expect.stringContaining(`bastion ${nobody} cannot be reached`) }),
  );
  const beyond = open(knownHosts, { proxy: host1, port: 2 }).hosts;
  await expect(beyond.exec(host2, ["true"])).rejects.toEqual(
    failure("host.unreachable", {
      message: expect.stringContaining(`bastion ${host1} cannot connect to it`),
    }),
  );
});

test("a proxy command leads to a host; one that fails is quoted", async () => {
  const home = new Home();
  const ssh = `ssh -i ${key} -o UserKnownHostsFile=${home.knownHostsFile} -W %h:%p root@${host1}`;
  const hosts = home.open({ proxyCommand: ssh });
  opened.push({ home, hosts });
  expect(await hostname(hosts, host2)).toBe(name2);
  const broken = open(knownHosts, { proxyCommand: "sh -c 'echo no way >&2; exit 3'" }).hosts;
  await expect(broken.exec(host2, ["true"])).rejects.toThrow(/cannot be reached: .*no way/);
  const silent = open(knownHosts, { proxyCommand: "sleep 60" }, false, 1).hosts;
  await expect(silent.exec(host2, ["true"])).rejects.toThrow(/no answer in time/);
});

const PORT = 2299;
const directory = `/tmp/hosts-sshd-${process.pid}`;
let keys: Record<string, string> = {};
beforeAll(async () => {
  const home = new Home();
  const hosts = home.open();
  const script = `mkdir -p $1; cd $1
    for t in rsa ecdsa ed25519; do ssh-keygen -q -t $t -N '' -f $t; echo "$(cut -d' ' -f1,2 $t.pub)"; set -- "$@" -h $1/$t; done
    dir=$1; port=$2; shift 2; $(command -v sshd || echo /usr/sbin/sshd) -p $port -o PidFile=$dir/pid "$@" >&2`;
  const { stdout, stderr, code } = await hosts.exec(host1, [
    "sh",
    "-c",
    script,
    "sh",
    directory,
    String(PORT),
  ]);
  if (code !== 0) throw new Error(stderr);
  keys = Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => [line.split(" ")[0], line]),
  );
  hosts.close();
  home.remove();
});
afterAll(async () => {
  const home = new Home();
  const hosts = home.open();
  await hosts.exec(host1, ["sh", "-c", 'kill "$(cat $1/pid)"; rm -r $1', "sh", directory]);
  hosts.close();
  home.remove();
});

test.each(["ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"])(
  "a host with several keys shows the known %s",
  async (type) => {
    const { hosts } = open(`[${host1}]:${PORT} ${keys[type]}\n`, { port: PORT });
    expect((await hosts.exec(host1, ["true"])).code).toBe(0);
  },
);
