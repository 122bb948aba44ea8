import type { ContainerSpec } from "./desired.ts";
import { postgresMajor } from "../../model/image.ts";
import type { LiveContainer, LiveServer } from "./observe.ts";

/**
 * Why a container with data may not be recreated; null when nothing speaks against it. Its data directory must lie on
 * a bind mount or a named volume that the new container gets too, and the major version must stay.
 */
export function protectData(spec: ContainerSpec, live: LiveContainer): string | null {
  const { probe } = live;
  const server = live.server ?? presumedServer(live);
  if (server === null) {
    return `Postgres in ${spec.name} does not answer, so it cannot be told whether its data would survive: start it or look into its log first`;
  }
  const mount = probe.container.Mounts.filter(({ Destination }) =>
    isWithin(server.data_directory, Destination),
  ).sort((a, b) => b.Destination.length - a.Destination.length)[0];
  if (mount === undefined || isAnonymous(mount)) {
    return `the data directory ${server.data_directory} of ${spec.name} is not on a named volume or a directory of the host: recreating its container would lose the data. Dump it and restore it into an accessory with directories: first`;
  }
  const source = mount.Type === "volume" ? mount.Name : mount.Source;
  const mounts = spec.wanted.volumes.map((volume) => volume.replace(/^\$PWD(?=\/)/, probe.home).split(":"));
  if (!mounts.some(([from, to]) => from === source && to === mount.Destination)) {
    return `deploy.yml no longer mounts ${source} at ${mount.Destination}, where the data of ${spec.name} lies: put the mount back`;
  }
  const major = postgresMajor(spec.wanted.image);
  if (major === null && spec.wanted.image !== probe.container.Config.Image) {
    return `the image ${spec.wanted.image} does not say its Postgres version: use a tag that starts with the major, the data is of ${server.major}`;
  }
  if (major !== null && major !== server.major) {
    return `the data of ${spec.name} is of Postgres ${server.major} and ${spec.wanted.image} would not start with it: upgrade with pg_upgrade or a dump, which kamal-backup does not do`;
  }
  return null;
}

/**
 * The server of a container that restarts again and again, as it was made: its PGDATA and the major of its image's tag.
 * A primary that does not start with its settings must not keep apply from correcting them. Null where the command line
 * says more.
 */
function presumedServer({ probe: { container } }: LiveContainer): LiveServer | null {
  if (container.State.Status !== "restarting") return null;
  const { Cmd, Env, Image } = container.Config;
  const pgdata = Env?.find((line) => line.startsWith("PGDATA="))?.slice("PGDATA=".length);
  const major = postgresMajor(Image);
  const elsewhere = (Cmd ?? []).some((word) => /^-D|data_directory|config_file/.test(word));
  return pgdata === undefined || major === null || elsewhere ? null : { major, data_directory: pgdata };
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.replace(/\/?$/, "/"));
}

/** Docker names a volume that nobody named by 64 hexadecimal digits. */
function isAnonymous(mount: { readonly Type: string; readonly Name?: string }): boolean {
  return mount.Type === "tmpfs" || (mount.Type === "volume" && /^[0-9a-f]{64}$/.test(mount.Name ?? ""));
}
