import { createHash } from "node:crypto";
import { accessoryEnv } from "../../../src/kamal/accessory.ts";
import { splitCommand } from "../../../src/kamal/shell-words.ts";
import type { Accessory } from "../../../src/model/accessory.ts";
import type { PresentContainer } from "../../../src/model/probe.ts";
import type { Secret } from "../../../src/model/secret.ts";

const HOME = "/root";

/** The official image, as `docker image inspect` shows it. */
const IMAGE = {
  Env: [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin",
    "PG_MAJOR=17",
  ],
  PGDATA: "PGDATA=/var/lib/postgresql/data",
  Entrypoint: ["docker-entrypoint.sh"],
  Cmd: ["postgres"],
};

/** What docker shows of a container that Kamal has just booted, in the forms of `docker inspect` of Docker 28. */
export function bootedContainer(
  accessory: Accessory,
  host: string,
  secrets: ReadonlyMap<string, Secret>,
): PresentContainer {
  const env = accessoryEnv(accessory, secrets, host);
  const imageEnv = [...IMAGE.Env, IMAGE.PGDATA];
  const id = (of: string) => createHash("sha256").update(of).digest("hex");
  const binds = accessory.volumes.map((volume) => volume.replace("$PWD", HOME));
  const entrypoint = accessory.options["entrypoint"];
  const image = {
    Id: `sha256:${id(accessory.image)}`,
    Config: { Env: imageEnv, Entrypoint: IMAGE.Entrypoint, Cmd: IMAGE.Cmd, Labels: null },
  };
  return {
    status: "present",
    home: HOME,
    envFile: Object.keys(accessory.env.secret)
      .map((name) => `${name}=${env[name]}\n`)
      .join(""),
    image,
    container: {
      Id: id(accessory.container),
      Name: `/${accessory.container}`,
      Image: image.Id,
      State: { Status: "running", Running: true, ExitCode: 0, StartedAt: "2026-01-01T00:00:00Z" },
      RestartCount: 0,
      Config: {
        Image: accessory.image,
        // docker forgets the image's Cmd when the entrypoint is another.
        Cmd:
          accessory.cmd === null
            ? entrypoint === undefined
              ? IMAGE.Cmd
              : null
            : splitCommand(accessory.cmd),
        Entrypoint: typeof entrypoint === "string" ? [entrypoint] : IMAGE.Entrypoint,
        Env: [
          ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
          ...imageEnv.filter((line) => !((line.split("=")[0] as string) in env)),
        ],
        Labels: { ...accessory.labels, service: accessory.container },
        ...(accessory.options["stop-timeout"] === undefined
          ? {}
          : { StopTimeout: Number(accessory.options["stop-timeout"]) }),
      },
      HostConfig: {
        Binds: binds,
        NetworkMode: accessory.network,
        PortBindings: accessory.port === null ? {} : bindings(accessory.port),
        RestartPolicy: { Name: accessory.restart, MaximumRetryCount: 0 },
      },
      Mounts: binds.map((bind) => {
        const [Source, Destination, options] = bind.split(":") as [string, string, string?];
        return { Type: "bind", Source, Destination, RW: options !== "ro" };
      }),
    },
    facts: {},
  };
}

function bindings(port: string): Record<string, { HostIp: string; HostPort: string }[]> {
  const [containerPort, hostPort, ...ip] = port.split(":").reverse() as [string, string, ...string[]];
  return { [`${containerPort}/tcp`]: [{ HostIp: ip.reverse().join(":"), HostPort: hostPort }] };
}
