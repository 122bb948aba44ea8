import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../errors.ts";
import { canonicalJson } from "../model/canonical.ts";
import type { Fact } from "../model/fact.ts";
import type { ContainerProbe } from "../model/probe.ts";
import { accessoryNodes } from "../model/topology.ts";
import type { Topology } from "../model/topology.ts";
import type { Evidence, Kind, World } from "../resources/kind.ts";

/** One accessory's container on a host, and what to ask it; parameters are revealed. */
export interface ProbeRequest {
  readonly accessory: string;
  readonly container: string;
  /** Kamal's env file of the accessory, relative to the SSH user's home. */
  readonly envFile: string;
  readonly facts: readonly Question[];
}

type Question =
  | { readonly name: string; readonly sql: string; readonly params: Readonly<Record<string, string>> }
  | { readonly name: string; readonly argv: readonly string[] };

/**
 * Asks a host about its accessories in one round trip: a probe for each, by accessory. A host that cannot be asked
 * gives unknown probes and never rejects, except with a Failure that concerns every host.
 */
export type ProbeHost = (
  host: string,
  requests: readonly ProbeRequest[],
) => Promise<Readonly<Record<string, ContainerProbe>>>;

/** Looks at every host at once, and at the files of the checkout. `directory` is where Kamal runs. */
export async function gather(
  kinds: readonly Kind[],
  world: World,
  directory: string,
  probeHost: ProbeHost,
): Promise<Evidence> {
  const paths = [...new Set([...world.manifestPaths, ...world.topology.files.map((file) => file.path)])];
  const [probes, files] = await Promise.all([
    Promise.all([...requestsByHost(kinds, world)].map(([host, requests]) => probeHost(host, requests))),
    Promise.all(paths.map(async (path) => [path, await readText(resolve(directory, path))] as const)),
  ]);
  const probeOf = new Map(probes.flatMap((answers) => Object.entries(answers)));
  const textOf = new Map(files);
  return {
    probe: (accessory) => probeOf.get(accessory) ?? missing(`nobody looked at ${accessory}`),
    file: (path) => {
      const text = textOf.get(path);
      return text === undefined ? missing(`nobody read ${path}`) : text;
    },
  };
}

/**
 * What each host has to be asked.
 * @throws Failure `secrets.undefined` for a parameter.
 */
export function requestsByHost(
  kinds: readonly Kind[],
  world: World,
): ReadonlyMap<string, readonly ProbeRequest[]> {
  const facts = factsByAccessory(kinds, world);
  const byHost = new Map<string, ProbeRequest[]>();
  for (const node of accessoryNodes(world.topology)) {
    const request = {
      accessory: node.name,
      container: (node.declared ?? node.wanted).container,
      envFile: envFile(node.name, world.topology),
      facts: [...(facts.get(node.name)?.values() ?? [])].map((fact) => reveal(fact, world)),
    };
    byHost.set(node.host, [...(byHost.get(node.host) ?? []), request]);
  }
  return byHost;
}

/** Where Kamal puts an accessory's env file, relative to the SSH user's home (lib/kamal/configuration.rb, env_directory). */
export function envFile(accessory: string, { service, destination }: Topology): string {
  const app = destination === null ? service : `${service}-${destination}`;
  return `.kamal/apps/${app}/env/accessories/${accessory}.env`;
}

function reveal(fact: Fact, world: World): Question {
  if ("argv" in fact) return fact;
  const { name, sql, params = {} } = fact;
  const revealed = Object.entries(params).map(([param, value]) => [param, world.reveal(value)]);
  return { name, sql, params: Object.fromEntries(revealed) };
}

function factsByAccessory(kinds: readonly Kind[], world: World): Map<string, Map<string, Fact>> {
  const all = new Map<string, Map<string, Fact>>();
  const requests = kinds.flatMap((kind) =>
    kind.desired(world).flatMap((resource) => kind.facts?.(resource) ?? []),
  );
  for (const { accessory, facts } of requests) {
    const known = all.get(accessory) ?? new Map<string, Fact>();
    for (const fact of facts) {
      const same = known.get(fact.name);
      if (same !== undefined && canonicalJson(same) !== canonicalJson(fact)) {
        missing(`two different facts of ${accessory} are called ${fact.name}`);
      }
      known.set(fact.name, fact);
    }
    all.set(accessory, known);
  }
  return all;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Failure("files.unreadable", `cannot read ${path}`, { where: path, cause: error });
  }
}

function missing(what: string): never {
  throw new Failure("internal.bug", what);
}
