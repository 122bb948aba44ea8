import { Failure } from "../errors.ts";
import type { KamalSsh } from "../kamal/types.ts";
import { shellWord } from "./quote.ts";
import { expandHome, fileWords, type SshSettings, sshSettings } from "./ssh-config.ts";

/** How one machine is reached: everything that deploy.yml and the SSH configuration say, put together. */
export interface Route {
  /** As people name it: `host 10.0.1.2`, `bastion gate`. */
  readonly title: string;
  readonly user: string;
  /** Address or name to connect to. */
  readonly address: string;
  readonly port: number;
  /** What known_hosts knows it by. */
  readonly knownAs: string;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly keyFiles: readonly string[];
  readonly keysOnly: boolean;
  /** Path of the SSH agent's socket. */
  readonly agent: string | null;
  readonly via: Route | null;
  /** Command line whose stdin and stdout are the connection, tokens replaced. */
  readonly proxyCommand: string | null;
}

export interface RouteOptions {
  readonly ssh: KamalSsh;
  readonly env: { readonly HOME: string; readonly SSH_AUTH_SOCK?: string | undefined };
}

const SYSTEM_CONFIG = ["/etc/ssh_config", "/etc/ssh/ssh_config"];
const SYSTEM_KNOWN_HOSTS = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
const DEFAULT_IDENTITIES = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];
const MAX_JUMPS = 8;

/**
 * The route to a host of deploy.yml, as net-ssh would take it for Kamal: Kamal's user and port always win, its keys
 * and proxy win where it has some; else HostName, IdentityFile, ProxyJump and ProxyCommand of the SSH configuration.
 */
export function routeTo(options: RouteOptions, host: string): Route {
  const { ssh } = options;
  const settings = settingsOf(options, host);
  const base = { ...machine(options, settings, host, host), user: ssh.user, port: ssh.port };
  const jump = ssh.proxy === null && ssh.proxyCommand === null ? settings.value["proxyjump"] : undefined;
  const proxyCommand =
    ssh.proxyCommand ?? (ssh.proxy === null && !jump ? settings.value["proxycommand"] : undefined);
  const via =
    ssh.proxy === null
      ? jumps(options, jump, base, 0)
      : bastion(options, ssh.proxy.includes("@") ? ssh.proxy : `root@${ssh.proxy}`, base, 0);
  return { ...base, title: `host ${host}`, via, proxyCommand: commandFor(proxyCommand, base, host) };
}

type Machine = Omit<Route, "title" | "via" | "proxyCommand">;

function machine(options: RouteOptions, settings: SshSettings, host: string, named: string): Machine {
  const { ssh, env } = options;
  const home = env.HOME;
  const { value } = settings;
  const files = (keyword: string, fallback: readonly string[]) =>
    (value[keyword] === undefined ? fallback : fileWords(value[keyword])).map((file) =>
      expandHome(file, home),
    );
  const address = (value["hostname"] ?? host).replaceAll("%h", host);
  const user = value["user"] ?? ssh.user;
  const tokens = { d: home, h: address, n: named, r: user };
  const keyFiles = [ssh.keys, settings.identityFiles].find((keys) => keys.length > 0);
  const agent = value["identityagent"] ?? "SSH_AUTH_SOCK";
  return {
    user,
    address,
    port: Number(value["port"] ?? 22),
    knownAs: value["hostkeyalias"] ?? address,
    userKnownHosts: files("userknownhostsfile", ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
    globalKnownHosts: files("globalknownhostsfile", SYSTEM_KNOWN_HOSTS),
    keyFiles: (keyFiles ?? (ssh.keyData.length > 0 ? [] : DEFAULT_IDENTITIES)).map((file) =>
      expandHome(replaceTokens(file, tokens), home),
    ),
    keysOnly: ssh.keysOnly || value["identitiesonly"]?.toLowerCase() === "yes",
    agent:
      agent === "SSH_AUTH_SOCK"
        ? env.SSH_AUTH_SOCK || null
        : agent.toLowerCase() === "none"
          ? null
          : expandHome(agent, home),
  };
}

function jumps(
  options: RouteOptions,
  list: string | undefined,
  target: Machine,
  depth: number,
): Route | null {
  if (list === undefined || list.toLowerCase() === "none") return null;
  return list.split(",").reduce<Route | null>((via, spec) => {
    const hop = bastion(options, spec.trim(), target, depth, via);
    return hop ?? via;
  }, null);
}

/** A hop on the way; null when it would jump through the target itself, as with ProxyJump under `Host *`. */
function bastion(
  options: RouteOptions,
  spec: string,
  target: Machine,
  depth: number,
  via: Route | null = null,
): Route | null {
  if (depth >= MAX_JUMPS) throw new Failure("host.ssh-config", `ProxyJump goes round in circles at ${spec}`);
  const { user, host, port } = parseJump(spec);
  const settings = settingsOf(options, host);
  const found = machine(options, settings, host, host);
  const base = { ...found, user: user ?? found.user, port: port ?? found.port };
  if (base.address === target.address && base.port === target.port) return null;
  const command = via === null && !settings.value["proxyjump"] ? settings.value["proxycommand"] : undefined;
  return {
    ...base,
    title: `bastion ${host}`,
    via: via ?? jumps(options, settings.value["proxyjump"], base, depth + 1),
    proxyCommand: commandFor(command, base, host),
  };
}

/** `[ssh://][user@]host[:port]`, an IPv6 address in brackets. */
function parseJump(spec: string): { user: string | null; host: string; port: number | null } {
  const found = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?\/?$/.exec(spec);
  const host = found?.[2] ?? found?.[3];
  if (host === undefined)
    throw new Failure("host.ssh-config", `a bastion is [user@]host[:port], not ${JSON.stringify(spec)}`);
  return { user: found?.[1] ?? null, host, port: found?.[4] === undefined ? null : Number(found[4]) };
}

function settingsOf({ ssh, env }: RouteOptions, host: string): SshSettings {
  const files =
    ssh.config === true
      ? [`${env.HOME}/.ssh/config`, ...SYSTEM_CONFIG]
      : ssh.config === false
        ? []
        : ssh.config;
  return sshSettings(
    files.map((file) => expandHome(file, env.HOME)),
    host,
    env.HOME,
  );
}

function commandFor(command: string | null | undefined, to: Machine, named: string): string | null {
  if (!command || command.toLowerCase() === "none") return null;
  const tokens = { h: shellWord(to.address), n: shellWord(named), p: String(to.port), r: shellWord(to.user) };
  return replaceTokens(command, tokens);
}

function replaceTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (found, token: string) => (token === "%" ? "%" : (tokens[token] ?? found)));
}
