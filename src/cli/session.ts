import { resolve } from "node:path";
import { gather } from "../engine/gather.ts";
import { makePlan } from "../engine/plan.ts";
import type { Ports } from "../engine/ports.ts";
import { lastUnfinished } from "../engine/unfinished.ts";
import { createWorld } from "../engine/world.ts";
import { containerLogTail, runDocker } from "../hosts/docker.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { probeHost } from "../hosts/probe.ts";
import { runSql } from "../hosts/sql.ts";
import type { Kamal } from "../kamal/cli.ts";
import { loadConfig } from "../kamal/config.ts";
import { deployFiles } from "../kamal/deploy-files.ts";
import { redact } from "../kamal/redact.ts";
import type { KamalConfig } from "../kamal/types.ts";
import { digest } from "../model/canonical.ts";
import type { Plan } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import type { Secret } from "../model/secret.ts";
import type { Topology } from "../model/topology.ts";
import { KINDS } from "../resources/index.ts";
import { buildTopology } from "../topology/build.ts";
import { refuseUnportable } from "../topology/portable.ts";
import { checkTogether } from "./check-together.ts";
import { guessHosts } from "./guess-hosts.ts";
import type { GlobalOptions } from "./options.ts";
import { checkoutReader, deployFile, readPolicy, readTextOrNull } from "./project.ts";
import { startKamal } from "./start-kamal.ts";
import type { KamalAtWork } from "./start-kamal.ts";
import { VERSION } from "./version.ts";

/** Everything that a command works with, of one project and destination. */
export interface Session {
  readonly policy: Policy;
  /** Where Kamal runs. */
  readonly directory: string;
  readonly cli: Kamal;
  readonly config: KamalConfig;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly ports: Ports;
  readonly hosts: Hosts;
  /** What must be so, of deploy.yml as it was read first. */
  topology(): Topology;
  /** Observes everything and plans; reads deploy.yml again when it has changed. */
  plan(): Promise<Plan>;
}

/** A statement of a step: long enough for a lock that somebody holds, and never for ever. */
const SQL_TIMEOUT_SECONDS = 600;

/**
 * Reads the policy, has Kamal resolve deploy.yml and the secrets, and connects to the hosts, all at once. `started` is
 * Kamal at work on a guess; where the policy says another deploy.yml it is started again.
 * @throws Failure of the policy, Kamal, the secrets, or the topology.
 */
export async function openSession(
  options: GlobalOptions,
  directory: string,
  started: KamalAtWork,
): Promise<Session> {
  // Nothing is contacted for a policy that is wrong.
  const loaded = readPolicy(options, directory);
  const hosts = guessHosts(started.cli, options.acceptNewHostKeys === true);
  const configFile = deployFile(options, loaded.policy.deploy, directory);
  const isRight = configFile === started.cli.options.configFile;
  if (!isRight) started.stop();
  const work = isRight ? started : startKamal(directory, configFile, options.destination ?? null);
  const { cli } = work;
  const [{ config, secrets }, unfinished] = await Promise.all([work.resolved, lastUnfinished(directory)]);
  if (unfinished !== null) process.stderr.write(`Note: ${unfinished}.\n\n`);
  checkTogether(loaded, config, secrets);
  return sessionOf({
    policy: loaded.policy,
    directory,
    cli,
    config,
    secrets,
    hosts: hosts.confirm(config.ssh),
  });
}

type Parts = Omit<Session, "ports" | "topology" | "plan">;

function sessionOf(parts: Parts): Session {
  const { policy, directory, cli, secrets, hosts } = parts;
  const manifestPaths = deployFiles(cli.options).filter(
    (path, index) => index === 0 || readTextOrNull(resolve(directory, path)) !== null,
  );
  const deployHash = () => digest(manifestPaths.map((path) => readTextOrNull(resolve(directory, path))));
  const topologyOf = (config: KamalConfig) => buildTopology(policy, config, checkoutReader(directory));
  let known = { hash: deployHash(), config: parts.config };
  return {
    ...parts,
    ports: portsOf(cli, hosts, secrets),
    topology: () => topologyOf(parts.config),
    async plan() {
      const hash = deployHash();
      if (hash !== known.hash) known = { hash, config: await loadConfig(cli) };
      const world = createWorld(topologyOf(known.config), secrets, manifestPaths);
      refuseUnportable(world.topology, world.reveal);
      const evidence = await gather(KINDS, world, directory, (host, requests) =>
        probeHost(hosts, host, requests),
      );
      return makePlan({
        world,
        kinds: KINDS,
        evidence,
        version: VERSION,
        policyHash: policy.hash,
        deployHash: hash,
      });
    },
  };
}

function portsOf(cli: Kamal, hosts: Hosts, secrets: ReadonlyMap<string, Secret>): Ports {
  const hidden = Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()]));
  return {
    kamal: async (argv, signal) => void (await cli.run(argv, { signal, underLock: true })),
    docker: (host, argv, stdin, signal) =>
      runDocker(hosts, host, argv, { hidden, signal, ...(stdin === undefined ? {} : { stdin }) }),
    sql: (host, container, statement, params, signal) =>
      runSql(hosts, { host, container, statement, params, signal, timeoutSeconds: SQL_TIMEOUT_SECONDS }),
    logTail: async (host, container) =>
      redact(await containerLogTail(hosts, host, container, 20), secrets.values()),
  };
}
