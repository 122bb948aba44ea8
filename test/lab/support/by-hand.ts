import { onHost } from "./lab.ts";

interface Inspected {
  readonly Config: {
    readonly Image: string;
    readonly Env: readonly string[];
    readonly Cmd: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: {
    readonly Binds: readonly string[];
    readonly NetworkMode: string;
    readonly RestartPolicy: { readonly Name: string };
    readonly PortBindings: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>>;
  };
}

/** What somebody changes who starts a container anew by hand. */
export interface Otherwise {
  readonly image?: string;
  readonly env?: readonly string[];
  /** More arguments of the command. */
  readonly args?: readonly string[];
  /** Labels to leave out. */
  readonly without?: readonly string[];
}

/** Removes a container and starts one of the same name, like it but for what is otherwise. */
export function startAnew(host: 1 | 2, container: string, otherwise: Otherwise): void {
  const [inspected] = JSON.parse(onHost(host, "docker", "inspect", container)) as [Inspected];
  const { Config, HostConfig } = inspected;
  const ports = Object.entries(HostConfig.PortBindings).flatMap(([port, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${port}`),
  );
  const labels = Object.entries(Config.Labels)
    .filter(([name]) => otherwise.without?.includes(name) !== true)
    .map(([name, value]) => `${name}=${value}`);
  const [entrypoint = "", ...arguments_] = Config.Entrypoint;
  onHost(host, "docker", "stop", "--time", "60", container);
  onHost(host, "docker", "rm", container);
  onHost(
    host,
    ...["docker", "run", "--detach", "--name", container, "--entrypoint", entrypoint],
    ...["--network", HostConfig.NetworkMode, "--restart", HostConfig.RestartPolicy.Name],
    ...ports.flatMap((port) => ["--publish", port]),
    ...HostConfig.Binds.flatMap((bind) => ["--volume", bind]),
    ...[...Config.Env, ...(otherwise.env ?? [])].flatMap((variable) => ["--env", variable]),
    ...labels.flatMap((label) => ["--label", label]),
    otherwise.image ?? Config.Image,
    ...arguments_,
    ...Config.Cmd,
    ...(otherwise.args ?? []),
  );
}

/** pg_hba.conf of a primary on host 1. */
export function readHba(container: string): string {
  return onHost(1, "docker", "exec", container, "cat", HBA);
}

/** Edits it with sed, as somebody logged in there would. */
export function sedHba(container: string, script: string): void {
  onHost(1, "docker", "exec", "--user", "postgres", container, "sed", "-i", script, HBA);
}

const HBA = "/var/lib/postgresql/data/pg_hba.conf";
