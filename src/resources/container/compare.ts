import { splitCommand } from "../../kamal/shell-words.ts";
import type { Accessory } from "../../model/accessory.ts";
import type { FieldChange } from "../../model/change.ts";
import type { DockerContainer, PresentContainer } from "../../model/probe.ts";
import { withoutOurs } from "../../model/stamp.ts";
import { parsePort } from "../../model/port.ts";

/**
 * Fields of a container, but for its environment, that `docker run` would make otherwise today. `options:` that
 * docker inspect shows in another form (memory, cpus, ...) are told apart by the stamp alone.
 */
export function compareContainer(
  wanted: Accessory,
  { container, image, home }: PresentContainer,
): FieldChange[] {
  const { Config, HostConfig } = container;
  const entrypoint = wanted.options["entrypoint"];
  const pairs: [field: string, before: string, after: string][] = [
    ["image", Config.Image, wanted.image],
    ["network", HostConfig.NetworkMode, wanted.network],
    ["restart", restartPolicy(container), wanted.restart],
    ["ports", livePorts(container), wantedPorts(wanted)],
    ["volumes", sorted(liveBinds(container)), sorted(wantedBinds(wanted, home))],
    [
      "labels",
      showLabels(liveLabels(container, image?.Config.Labels ?? {})),
      showLabels(wantedLabels(wanted)),
    ],
  ];
  if (wanted.cmd !== null || image !== null) {
    // Docker drops the image's Cmd where the entrypoint is another.
    const ofImage = entrypoint === undefined ? (image?.Config.Cmd ?? []) : [];
    const cmd = wanted.cmd === null ? ofImage : splitCommand(wanted.cmd);
    pairs.push(["cmd", JSON.stringify(Config.Cmd ?? []), JSON.stringify(cmd)]);
  }
  if (typeof entrypoint === "string" || image !== null) {
    const argv = typeof entrypoint === "string" ? [entrypoint] : (image?.Config.Entrypoint ?? []);
    pairs.push(["entrypoint", JSON.stringify(Config.Entrypoint ?? []), JSON.stringify(argv)]);
  }
  return pairs
    .filter(([, before, after]) => before !== after)
    .map(([field, before, after]) => ({ field, before, after }));
}

function restartPolicy({ HostConfig }: DockerContainer): string {
  const { Name, MaximumRetryCount } = HostConfig.RestartPolicy;
  return Name === "on-failure" && MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name;
}

function livePorts({ HostConfig }: DockerContainer): string {
  const bindings = Object.entries(HostConfig.PortBindings ?? {});
  return sorted(
    bindings.flatMap(([port, hosts]) =>
      (hosts ?? []).map(
        ({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}:${port.replace(/\/tcp$/, "")}`,
      ),
    ),
  );
}

function wantedPorts({ port }: Accessory): string {
  if (port === null) return "";
  const parsed = parsePort(port);
  return parsed === null ? port : `${parsed.ip ?? "0.0.0.0"}:${parsed.hostPort}:${parsed.containerPort}`;
}

function liveBinds({ HostConfig }: DockerContainer): string[] {
  return (HostConfig.Binds ?? []).map(bind);
}

function wantedBinds({ volumes }: Accessory, home: string): string[] {
  return volumes.map((volume) => bind(volume.replace(/^\$PWD(?=\/)/, home)));
}

/** `:rw` is what docker does anyway. */
function bind(volume: string): string {
  return volume.replace(/:rw$/, "");
}

function liveLabels(
  container: DockerContainer,
  ofImage: Readonly<Record<string, string>>,
): Record<string, string> {
  const labels = Object.entries(withoutOurs(container.Config.Labels ?? {}));
  return Object.fromEntries(labels.filter(([name, value]) => ofImage[name] !== value));
}

function wantedLabels(wanted: Accessory): Record<string, string> {
  return { ...withoutOurs(wanted.labels), service: wanted.container };
}

function showLabels(labels: Readonly<Record<string, string>>): string {
  return sorted(Object.entries(labels).map(([name, value]) => `${name}=${value}`));
}

function sorted(items: readonly string[]): string {
  return [...items].sort().join(", ");
}
