import { splitCommand } from "../../kamal/shell-words.ts";
import { postgresMajor } from "../../model/image.ts";
import type { ContainerSpec } from "./desired.ts";
import { coveringMount, dataPath, mountsOf } from "./data-place.ts";
import { type LiveServer, nobodyListens, type SeenContainer, whyNoServer } from "./observe.ts";

/**
 * Why a container with data may not be recreated; null when nothing speaks against it. Its data directory must lie on
 * a bind mount or a named volume, the new container must look for its data in the same place, and the major version
 * must stay.
 */
export function protectData(spec: ContainerSpec, live: SeenContainer): string | null {
  const server = live.server ?? presumedServer(live);
  if (server === null) {
    return `Postgres in ${spec.name} does not answer, so it cannot be told whether its data would survive: start it or look into its log first`;
  }
  return notOurs(spec, live) ?? otherPlace(spec, live, server) ?? otherMajor(spec, live, server);
}

/**
 * The same for a replica, whose data can be had again: but not when it became a primary, or was something else. One that
 * does not answer is looked at by a step of its own.
 */
export function protectReplica(spec: ContainerSpec, live: SeenContainer): string | null {
  const stranger = notOurs(spec, live);
  if (stranger !== null || live.server === null) return stranger;
  if (!live.server.in_recovery) {
    return `${spec.name} is a primary, promoted by hand or never a replica: its container is left alone`;
  }
  return ofOtherMajor(spec, live.server) ?? otherPlace(spec, live, live.server);
}

/** A standby is not upgraded, it is cloned from a primary that was; and from 18 on its data lies elsewhere. */
function ofOtherMajor(spec: ContainerSpec, server: LiveServer): string | null {
  const major = postgresMajor(spec.wanted.image);
  if (major === null || major === server.major) return null;
  return `the data of ${spec.name} is of Postgres ${server.major} and ${spec.wanted.image} would not start with it: once its primary runs ${major}, remove its container on ${spec.host} (docker rm --force ${spec.wanted.container}), rename its data directory there and apply again, which clones it anew`;
}

/** Kamal's container names lack the destination: another destination's database may stand under this name. */
function notOurs(spec: ContainerSpec, { probe }: SeenContainer): string | null {
  return probe.envFile === null
    ? `${spec.wanted.container} on ${spec.host} was not booted by Kamal for this destination: it may be the database of another one. Give this one a service: of its own`
    : null;
}

function otherPlace(spec: ContainerSpec, { probe }: SeenContainer, server: LiveServer): string | null {
  const { container, image, home } = probe;
  const mount = coveringMount(mountsOf(container), server.data_directory);
  if (mount?.source === undefined) {
    return `the data directory ${server.data_directory} of ${spec.name} is not on a named volume or a directory of the host: recreating its container would lose the data. Dump it and restore it into an accessory with directories: first`;
  }
  const volumes = spec.wanted.volumes.map((volume) => volume.replace(/^\$PWD(?=\/)/, home).split(":"));
  const planned = volumes.map(([source, destination = ""]) => ({ source, destination }));
  const next = coveringMount(planned, server.data_directory);
  if (next?.source !== mount.source || next?.destination !== mount.destination) {
    return `deploy.yml no longer mounts ${mount.source} at ${mount.destination}, where the data of ${spec.name} lies: put the mount back`;
  }
  const now = dataPath(container.Config.Env ?? [], container.Config.Cmd ?? []);
  const fromImage = (image?.Config.Env ?? []).filter((line) => line.startsWith("PGDATA="));
  const declared = spec.wanted.env.clear["PGDATA"];
  const env = declared === undefined ? fromImage : [`PGDATA=${declared}`];
  const cmd = spec.wanted.cmd === null ? [] : splitCommand(spec.wanted.cmd);
  const then = dataPath(env, cmd);
  return now === then
    ? null
    : `${spec.name} keeps its data in ${now ?? server.data_directory} and the new container would look in ${then ?? "its image's own place"}: it would come up empty. Put PGDATA back`;
}

function otherMajor(spec: ContainerSpec, { probe }: SeenContainer, server: LiveServer): string | null {
  const major = postgresMajor(spec.wanted.image);
  const pinned = spec.wanted.image.includes("@sha256:") && spec.wanted.image === probe.container.Config.Image;
  if (major === null && !pinned) {
    return `the image ${spec.wanted.image} does not say its Postgres version, and Kamal pulls it anew: use a tag that starts with the major, the data is of ${server.major}`;
  }
  if (major !== null && major !== server.major) {
    return `the data of ${spec.name} is of Postgres ${server.major} and ${spec.wanted.image} would not start with it: upgrade with pg_upgrade or a dump, which kamal-backup does not do`;
  }
  return null;
}

/** What psql leaves unsaid where its container ends under it. */
const CUT_OFF = /broke off|gave no answer/;

/**
 * The server of a container that restarts again and again, as it was made: its PGDATA and the major of its image's tag.
 * A primary that does not start with its settings must not keep apply from correcting them. Null where the command line
 * says more. Between two restarts docker calls it running for as long as Postgres takes to fail: nobody is there to ask,
unlike in a server that refuses because it recovers or has no connection left.
 */
function presumedServer({ probe }: SeenContainer): LiveServer | null {
  const { container } = probe;
  const failsAgain = container.RestartCount > 0 && (nobodyListens(probe) || CUT_OFF.test(whyNoServer(probe)));
  if (container.State.Status !== "restarting" && !failsAgain) return null;
  const { Cmd, Env, Image } = container.Config;
  const place = dataPath(Env ?? [], []);
  const major = postgresMajor(Image);
  const elsewhere = (Cmd ?? []).some((word) => /^-D|data_directory|config_file/.test(word));
  if (place === null || major === null || elsewhere) return null;
  return { major, data_directory: place, in_recovery: false, system: null };
}
