import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../errors.ts";
import type { ManifestEdit } from "../model/topology.ts";
import { resolveAccessory } from "./accessory.ts";
import { applyEdits } from "./apply-edits.ts";
import type { Kamal, KamalRun } from "./cli.ts";
import { deployFiles } from "./deploy-files.ts";
import { valueAt } from "./manifest.ts";
import { isHash, parseRubyYaml, toText, toTexts } from "./ruby-yaml.ts";
import type { RubyValue } from "./ruby-yaml.ts";
import { hostsByRoleOrTag, readServers } from "./servers.ts";
import type { KamalConfig, KamalSsh } from "./types.ts";

type Hash = { [key: string]: RubyValue };

/**
 * Kamal's resolved configuration, by `kamal config`. Throws what {@link Kamal.run} throws, and `kamal.unreadable` when
 * the output is not understood. An accessory whose role or tag is made by ERB has no hosts here.
 */
export async function loadConfig(cli: Kamal, run: Pick<KamalRun, "signal"> = {}): Promise<KamalConfig> {
  const { stdout } = await cli.run(["config"], { ...run, evaluatesSecrets: true });
  return configFrom(cli, stdout);
}

/** {@link loadConfig} of the command's output. */
export async function configFrom(cli: Kamal, output: string): Promise<KamalConfig> {
  const texts = await Promise.all(
    deployFiles(cli.options).map((path) => readFile(resolve(cli.options.cwd, path), "utf8").catch(() => "")),
  );
  return parseConfig(output, { cwd: cli.options.cwd, destination: cli.options.destination, texts });
}

/** {@link configFrom} of the output and the texts of deploy.yml and the destination's file. */
export function parseConfig(
  output: string,
  context: { readonly cwd: string; readonly destination: string | null; readonly texts: readonly string[] },
): KamalConfig {
  const config = parseRubyYaml(output);
  if (!isHash(config)) throw unreadable("is not a YAML mapping");
  const version = toText(config["version"]);
  const full = toText(config["service_with_version"]);
  if (version === "" || !full.endsWith(`-${version}`)) throw unreadable("has no service_with_version");
  const raw = isHash(config["accessories"]) ? config["accessories"] : {};
  let servers: RubyValue | null | undefined;
  const accessoryContext = {
    service: full.slice(0, -version.length - 1),
    cwd: context.cwd,
    hostsOf(block: Hash): string[] {
      servers ??= readServers(context.texts);
      return hostsByRoleOrTag(servers, block);
    },
  };
  const block = (name: string): Hash => {
    const own = raw[name];
    return isHash(own) ? own : {};
  };
  return {
    service: accessoryContext.service,
    destination: context.destination,
    primaryHost: toText(config["primary_host"]),
    ssh: sshOf(isHash(config["ssh_options"]) ? config["ssh_options"] : {}),
    accessories: Object.fromEntries(
      Object.keys(raw).map((name) => [name, resolveAccessory(name, block(name), accessoryContext)]),
    ),
    resolveWith: (name, edits) =>
      resolveAccessory(name, applyEdits(block(name), edits.map(asRuby)) as Hash, accessoryContext),
    rawKey: (name, path) => valueAt(block(name), path),
  };
}

function unreadable(what: string): Failure {
  // The output itself holds private keys of `ssh: key_data`.
  return new Failure("kamal.unreadable", `the output of \`kamal config\` ${what}`, { where: "kamal config" });
}

function asRuby(edit: ManifestEdit): ManifestEdit {
  return "value" in edit && typeof edit.value === "number" ? { ...edit, value: String(edit.value) } : edit;
}

/** `ssh_options` as Kamal hands them to net-ssh (lib/kamal/configuration/ssh.rb): absent ones are net-ssh's defaults. */
export function sshOf(options: Hash): KamalSsh {
  const proxy = isHash(options["proxy"]) ? options["proxy"] : {};
  const { config } = options;
  return {
    user: toText(options["user"]) || "root",
    port: Number(toText(options["port"]) || "22"),
    proxy: toText(proxy["jump_proxies"]) || null,
    proxyCommand: toText(proxy["command_line_template"]) || null,
    keys: toTexts(options["keys"]),
    keysOnly: options["keys_only"] === true,
    keyData: toTexts(options["key_data"]),
    config:
      typeof config === "boolean" ? config : config === undefined || config === null ? true : toTexts(config),
  };
}
