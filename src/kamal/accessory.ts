import { resolve } from "node:path";
import type { Accessory } from "../model/accessory.ts";
import type { Secret } from "../model/secret.ts";
import { Failure } from "../errors.ts";
import { encodeEnvValue, shellArgument } from "./ruby-strings.ts";
import { isHash, isPresent, toText, toTexts } from "./ruby-yaml.ts";
import type { RubyValue } from "./ruby-yaml.ts";

type Hash = { [key: string]: RubyValue };

/** What an accessory's block leaves to the rest of deploy.yml. */
export interface AccessoryContext {
  readonly service: string;
  readonly cwd: string;
  /** Hosts of a block that names roles or tags. */
  readonly hostsOf: (block: Hash) => readonly string[];
}

/**
 * The accessory as Kamal gives it to `docker run`, after the host's shell has read the command
 * (lib/kamal/configuration/accessory.rb, lib/kamal/commands/accessory.rb).
 */
export function resolveAccessory(name: string, block: Hash, context: AccessoryContext): Accessory {
  const container = isPresent(block["service"]) ? toText(block["service"]) : `${context.service}-${name}`;
  const options = isHash(block["options"]) ? block["options"] : {};
  const registry = isHash(block["registry"]) ? toText(block["registry"]["server"]) : "";
  const cmd = toText(block["cmd"]).trim();
  const files = pathsOf(block["files"]);
  return {
    name,
    container,
    hosts: [...new Set(hostsOf(block, context))],
    image: [registry, toText(block["image"])].filter((part) => part !== "").join("/"),
    cmd: cmd === "" ? null : cmd,
    env: envOf(block["env"]),
    port: portOf(block["port"]),
    volumes: [
      ...toTexts(block["volumes"]),
      ...lastByKey(files, (file) =>
        file.local.endsWith("erb") ? null : resolve(context.cwd, file.local),
      ).map((file) => volume(`$PWD/${container}${file.remote}`, file)),
      ...lastByKey(pathsOf(block["directories"]), (directory) => directory.local).map((directory) =>
        volume(
          directory.local.startsWith("/") ? directory.local : `$PWD/${container}/${directory.local}`,
          directory,
        ),
      ),
    ],
    files: files.map((file) => `${file.local}:${file.remote}`),
    labels: mapValues(isHash(block["labels"]) ? block["labels"] : {}, (value) =>
      value === false ? "false" : isPresent(value) ? shellArgument(toText(value)) : "",
    ),
    network: isPresent(block["network"]) ? toText(block["network"]) : "kamal",
    restart: isPresent(options["restart"]) ? toText(options["restart"]) : "unless-stopped",
    options: mapValues(withoutKey(options, "restart"), (value) => {
      if (value === true) return true;
      return Array.isArray(value)
        ? value.map((item) => shellArgument(toText(item)))
        : shellArgument(toText(value));
    }),
  };
}

/**
 * The environment the container gets from Kamal on that host: its env file, then KAMAL_HOST, then the clear values,
 * each over the one before. Throws `secrets.undefined` for a name that `.kamal/secrets` lacks.
 */
export function accessoryEnv(
  accessory: Pick<Accessory, "name" | "env">,
  secrets: ReadonlyMap<string, Secret>,
  host: string,
): Record<string, string> {
  const secret = mapValues(accessory.env.secret, (source) => {
    const value = secrets.get(source);
    if (value === undefined) {
      throw new Failure("secrets.undefined", `there is no secret ${source}`, {
        where: `accessories.${accessory.name}.env`,
      });
    }
    return encodeEnvValue(value.reveal());
  });
  return { ...secret, KAMAL_HOST: host, ...accessory.env.clear };
}

/** An env file as docker reads it (docs.docker.com/reference/cli/docker/container/run/#env): no quotes, no escapes. */
export function parseEnvFile(text: string): Record<string, string> {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => line.trimStart());
  return Object.fromEntries(
    lines
      .filter((line) => line.includes("=") && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function hostsOf(block: Hash, context: AccessoryContext): readonly string[] {
  if ("host" in block) return toTexts(block["host"]);
  if (Array.isArray(block["hosts"])) {
    return block["hosts"].map((host) => (isHash(host) ? (Object.keys(host)[0] ?? "") : toText(host)));
  }
  return context.hostsOf(block);
}

function portOf(port: RubyValue | undefined): string | null {
  const text = toText(port);
  return text === "" ? null : text.includes(":") ? text : `${text}:${text}`;
}

/** A blank clear value becomes `--env NAME`, which docker takes from an environment that does not have it: unset. */
function envOf(env: RubyValue | undefined): Accessory["env"] {
  if (!isHash(env)) return { clear: {}, secret: {} };
  const clear = "clear" in env ? env["clear"] : "secret" in env || "tags" in env ? {} : env;
  const set = Object.entries(isHash(clear) ? clear : {}).filter(
    ([, value]) => value === false || isPresent(value),
  );
  const secret = toTexts(env["secret"]).map((entry): [string, string] => {
    const colon = entry.indexOf(":");
    return colon === -1 ? [entry, entry] : [entry.slice(0, colon), entry.slice(colon + 1)];
  });
  return {
    clear: Object.fromEntries(set.map(([name, value]) => [name, shellArgument(toText(value))])),
    secret: Object.fromEntries(secret),
  };
}

interface HostPath {
  readonly local: string;
  readonly remote: string;
  readonly options: string;
}

/** `local:remote[:options]`, or the same as a mapping. */
function pathsOf(value: RubyValue | undefined): HostPath[] {
  return (Array.isArray(value) ? value : []).map((entry) => {
    if (isHash(entry)) {
      return {
        local: toText(entry["local"]),
        remote: toText(entry["remote"]),
        options: toText(entry["options"]),
      };
    }
    const [local = "", remote = "", ...options] = toText(entry).split(":");
    return { local, remote, options: options.join(":") };
  });
}

function volume(hostPath: string, path: HostPath): string {
  return [hostPath, path.remote, ...(path.options.trim() === "" ? [] : [path.options])].join(":");
}

/** Kamal keeps paths in a Hash: one that comes twice is the last, in the place of the first. */
function lastByKey(paths: readonly HostPath[], key: (path: HostPath) => string | null): HostPath[] {
  return [...new Map(paths.map((path) => [key(path) ?? path, path])).values()];
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function withoutKey(record: Hash, name: string): Hash {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
