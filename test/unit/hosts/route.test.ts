import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Route, routeTo } from "../../../src/hosts/route.ts";
import type { KamalSsh } from "../../../src/kamal/types.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "route-"));
  mkdirSync(join(home, ".ssh"));
});
afterEach(() => rmSync(home, { recursive: true }));

const plain: KamalSsh = {
  user: "root",
  port: 22,
  proxy: null,
  proxyCommand: null,
  keys: [],
  keysOnly: false,
  keyData: [],
  config: true,
};

function route(host: string, config: string, ssh: Partial<KamalSsh> = {}, agent?: string): Route {
  const file = join(home, ".ssh", "config");
  writeFileSync(file, config);
  return routeTo(
    { ssh: { ...plain, config: [file], ...ssh }, env: { HOME: home, SSH_AUTH_SOCK: agent } },
    host,
  );
}

test("without a configuration: Kamal's user and port, the default identities and files, the agent", () => {
  expect(route("10.0.0.1", "", {}, "/run/agent")).toMatchObject({
    title: "host 10.0.0.1",
    user: "root",
    address: "10.0.0.1",
    port: 22,
    knownAs: "10.0.0.1",
    keyFiles: ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(home, ".ssh", name)),
    userKnownHosts: [join(home, ".ssh/known_hosts"), join(home, ".ssh/known_hosts2")],
    agent: "/run/agent",
    via: null,
    proxyCommand: null,
  });
});

test("HostName, IdentityFile and the known_hosts files are followed; User, Port and a lax checking are not", () => {
  const config = `
Host db !other
  HostName %h.internal
  User somebody
  Port 2222
  IdentityFile ~/.ssh/first
  StrictHostKeyChecking no
  UserKnownHostsFile ~/mine "/a b/theirs"
  GlobalKnownHostsFile none
Host *
  HostName elsewhere
  IdentityFile %d/second
`;
  expect(route("db", config)).toMatchObject({
    user: "root",
    port: 22,
    address: "db.internal",
    knownAs: "db.internal",
    keyFiles: [join(home, ".ssh/first"), join(home, "second")],
    userKnownHosts: [join(home, "mine"), "/a b/theirs"],
    globalKnownHosts: [],
  });
  expect(route("other", config).address).toBe("elsewhere");
});

test("Kamal's keys take the place of IdentityFile, and key data that of the default identities", () => {
  const config = "Host *\n  IdentityFile ~/configured\n";
  expect(route("db", config, { keys: ["~/kamal"] }).keyFiles).toEqual([join(home, "kamal")]);
  expect(route("db", "", { keyData: ["key"] }).keyFiles).toEqual([]);
});

test("Match applies for hosts only, and Include is read in its place", () => {
  writeFileSync(join(home, ".ssh", "extra.conf"), "Host db\n  HostName included\n");
  const config = `Match exec true host db
  HostName executed
Match all
  Include extra.*
Match host db,other
  HostName late
  HostKeyAlias alias
`;
  expect(route("db", config)).toMatchObject({ address: "included", knownAs: "alias" });
});

test("a Kamal proxy goes before ProxyJump, as root where no user is named", () => {
  const config = "Host db\n  ProxyJump ignored\nHost gate\n  HostName 192.0.2.1\n  Port 2022\n";
  const found = route("db", config, { proxy: "gate" });
  expect(found.via).toMatchObject({
    title: "bastion gate",
    user: "root",
    address: "192.0.2.1",
    port: 2022,
    via: null,
  });
  const explicit = route("db", config, { proxy: "jo@gate:22" });
  expect(explicit.via).toMatchObject({ user: "jo", port: 22 });
});

test("ProxyJump goes through each hop in turn, and not through itself", () => {
  const found = route("db", "Host db\n  ProxyJump jo@a:2022,[2001:db8::1]\n");
  expect(found.via).toMatchObject({ address: "2001:db8::1", via: { address: "a", user: "jo", port: 2022 } });
  expect(route("a", "Host *\n  ProxyJump a\n").via).toBeNull();
  expect(route("db", "Host db\n  ProxyJump none\n").via).toBeNull();
});

test("hops that jump through each other are refused", () => {
  const config = "Host a\n  ProxyJump b\nHost b\n  ProxyJump a\nHost db\n  ProxyJump a\n";
  expect(() => route("db", config)).toThrow(expect.objectContaining({ code: "host.ssh-config" }));
});

test("the tokens of a proxy command are replaced, quoted for the shell", () => {
  const found = route("db", "", { proxyCommand: "nc -x proxy %h %p # %r 100%%", user: "o'neill" });
  expect(found.proxyCommand).toBe("nc -x proxy db 22 # 'o'\\''neill' 100%");
});

test("IdentitiesOnly, IdentityAgent", () => {
  const config =
    "Host db\n  IdentitiesOnly yes\n  IdentityAgent ~/agent.sock\nHost none\n  IdentityAgent none\n";
  expect(route("db", config, {}, "/run/agent")).toMatchObject({
    keysOnly: true,
    agent: join(home, "agent.sock"),
  });
  expect(route("none", config, {}, "/run/agent").agent).toBeNull();
});

test("a file that is not understood is named", () => {
  expect(() => route("db", 'Host "db\n  HostName x\n')).toThrow(
    expect.objectContaining({ code: "host.ssh-config", where: join(home, ".ssh", "config") }),
  );
});
