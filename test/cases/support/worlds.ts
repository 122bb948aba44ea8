import { createWorld } from "../../../src/engine/world.ts";
import { requestsByHost } from "../../../src/engine/gather.ts";
import type { ContainerProbe } from "../../../src/model/probe.ts";
import { Secret } from "../../../src/model/secret.ts";
import { accessoryNodes } from "../../../src/model/topology.ts";
import type { Topology } from "../../../src/model/topology.ts";
import { KINDS } from "../../../src/resources/index.ts";
import type { World } from "../../../src/resources/kind.ts";
import { manifest } from "../../../src/resources/manifest/index.ts";
import { buildTopology } from "../../../src/topology/build.ts";
import type { Written } from "./case.ts";
import { evidenceOf } from "./evidence.ts";
import type { Seen } from "./evidence.ts";
import { agentFact } from "./healthy-agent.ts";
import { bootedContainer } from "./healthy-container.ts";
import { primaryFact, standbyFact } from "./healthy-postgres.ts";
import { kamalConfig } from "./kamal-config.ts";
import { policyOf } from "./policy-text.ts";

const DEPLOY = "config/deploy.yml";

/** The world that the written policy and deploy.yml make. */
export function worldOf(written: Written): World {
  const secrets = Object.entries(written.secrets).map(
    ([name, value]) => [name, new Secret(name, value)] as const,
  );
  const topology = buildTopology(policyOf(written.policy), kamalConfig(written), (path) => `text of ${path}`);
  return createWorld(topology, new Map(secrets), Object.keys(deployFiles(written)));
}

/** deploy.yml and its destination's file, by path. */
export function deployFiles({
  deploy,
  destination,
}: Pick<Written, "deploy" | "destination">): Record<string, string> {
  if (destination === null) return { [DEPLOY]: deploy };
  return { [DEPLOY]: deploy, [`config/deploy.${destination.name}.yml`]: destination.deploy };
}

/** What is written once apply has edited deploy.yml, and the files of the checkout that are ours whole. */
export function appliedManifests(written: Written): {
  readonly written: Written;
  readonly files: Seen["files"];
} {
  const world = worldOf(written);
  const files: Record<string, string | null> = { ...deployFiles(written) };
  const probes = Object.fromEntries(
    accessoryNodes(world.topology).map(({ name }) => [name, { status: "absent" } as const]),
  );
  for (const resource of manifest.desired(world)) {
    const seen = manifest.observe(resource, evidenceOf({ probes, files }), world);
    if (seen.status === "unknown") throw new Error(seen.reason);
    const { action, reason, steps = [] } = manifest.diff(resource, seen, world);
    if (action === "blocked") throw new Error(`${resource.id} cannot be applied: ${reason}`);
    for (const step of steps) if (step.run === "edit") files[step.path] = step.after;
  }
  const { destination } = written;
  const path = destination === null ? "" : `config/deploy.${destination.name}.yml`;
  const deploy = files[DEPLOY] as string;
  return {
    files,
    written: {
      ...written,
      deploy,
      destination: destination && { ...destination, deploy: files[path] as string },
    },
  };
}

/**
 * What is seen of a world that was just applied (or, with `setUp` false, of one that kamal-backup never touched). Also
 * answers what `asking` wants to know: the world as it is wanted now.
 */
export function healthyProbes(world: World, asking: World, setUp: boolean): Record<string, ContainerProbe> {
  const questions = new Map(
    [...requestsByHost(KINDS, asking).values()].flat().map((each) => [each.accessory, each.facts]),
  );
  const names = (accessory: string) => (questions.get(accessory) ?? []).map((fact) => fact.name);
  const databases = world.topology.databases.flatMap((node): [string, ContainerProbe][] => {
    const primary = bootedContainer(setUp ? node.wanted : node.declared, node.host, world.secrets);
    const facts = names(node.name).map((name) => [name, primaryFact(name, node, world, setUp, primary)]);
    return [
      [node.name, { ...primary, facts: Object.fromEntries(facts) }],
      ...node.replicas.map((replica): [string, ContainerProbe] => {
        if (!setUp) return [replica.name, { status: "absent" }];
        const booted = bootedContainer(replica.wanted, replica.host, world.secrets);
        const standby = names(replica.name).map((name) => [name, standbyFact(name, replica, booted)]);
        return [replica.name, { ...booted, facts: Object.fromEntries(standby) }];
      }),
    ];
  });
  const agents = world.topology.agents.map((node): [string, ContainerProbe] => {
    if (!setUp) return [node.name, { status: "absent" }];
    const facts = names(node.name).map((name) => [name, agentFact(name, node)]);
    return [
      node.name,
      { ...bootedContainer(node.wanted, node.host, world.secrets), facts: Object.fromEntries(facts) },
    ];
  });
  return Object.fromEntries([...databases, ...agents]);
}

/** Accessories of `wanted` that nobody has booted yet. */
export function notYetBooted(
  wanted: Topology,
  probes: Readonly<Record<string, ContainerProbe>>,
): Record<string, ContainerProbe> {
  const names = accessoryNodes(wanted).map(({ name }) => name);
  return Object.fromEntries(
    names.filter((name) => probes[name] === undefined).map((name) => [name, { status: "absent" }]),
  );
}
