import { accessoryEnv, parseEnvFile } from "../../kamal/accessory.ts";
import { encodeEnvValue } from "../../kamal/ruby-strings.ts";
import type { Accessory } from "../../model/accessory.ts";
import type { FieldChange } from "../../model/change.ts";
import type { PresentContainer } from "../../model/probe.ts";
import type { World } from "../kind.ts";

/** What the docker client adds by itself where its config.json has proxies (docs.docker.com/engine/cli/proxy). */
const PROXY = /^(https?|ftp|no|all)_proxy$/i;

/**
 * Variables that differ between a container and what Kamal would give it, without those that its image sets. Clear
 * values are shown; secret ones, and whatever deploy.yml does not name, as a keyed HMAC.
 */
export function compareEnvironment(
  wanted: Accessory,
  host: string,
  { container, image, envFile }: PresentContainer,
  world: World,
): FieldChange[] {
  const want = accessoryEnv(wanted, world.secrets, host);
  const booted = parseEnvFile(envFile ?? "");
  const ofImage = new Set(image?.Config.Env ?? []);
  // `docker run --env NAME` without a value leaves a bare NAME: a variable that is not set.
  const set = (container.Config.Env ?? []).filter((line) => line.includes("="));
  const entries = set.map((line) => [line, ...split(line)] as const);
  const ours = entries.filter(([line, name]) => name in want || !(ofImage.has(line) || PROXY.test(name)));
  const live = new Map(ours.map(([, name, value]) => [name, value]));
  // Without its image, what the container has beyond our own variables may come from there.
  const names = new Set([...Object.keys(want), ...(image === null ? [] : live.keys())]);
  const secrets = new Set([...world.secrets.values()].map((secret) => encodeEnvValue(secret.reveal())));
  const show = (name: string, value: string | undefined): string | null => {
    if (value === undefined) return null;
    const clear =
      (name in wanted.env.clear || name === "KAMAL_HOST") && !(name in booted) && !secrets.has(value);
    return clear ? value : `hmac:${world.hmac(value)}`;
  };
  return [...names]
    .sort()
    .filter((name) => live.get(name) !== want[name])
    .map((name) => ({
      field: `env ${name}`,
      before: show(name, live.get(name)),
      after: show(name, want[name]),
    }));
}

/**
 * Whether the fields are secrets alone, and the container has each as Kamal's env file gave it when it was booted:
 * then they changed in `.kamal/secrets` since, and nobody touched the container.
 */
export function isRotation(
  fields: readonly FieldChange[],
  wanted: Accessory,
  probe: PresentContainer,
): boolean {
  const booted = parseEnvFile(probe.envFile ?? "");
  const live = new Map((probe.container.Config.Env ?? []).map(split));
  return fields.every(({ field }) => {
    const name = field.replace(/^env /, "");
    return (
      name !== field &&
      name in wanted.env.secret &&
      booted[name] !== undefined &&
      booted[name] === live.get(name)
    );
  });
}

function split(line: string): [name: string, value: string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}
