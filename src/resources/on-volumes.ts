import type { DockerStep } from "../model/step.ts";

/** Where the data of a Postgres container lies, which need not run. */
export interface DataVolumes {
  readonly host: string;
  /** The container, as `docker run --volumes-from` takes it: with `:ro` behind it nothing can be written. */
  readonly volumesFrom: string;
  /** Needs no more than a shell. */
  readonly image: string;
  /** Absolute, in the container. */
  readonly pgdata: string;
}

/** Runs a shell script beside a container, on its volumes. The script's one argument is PGDATA. */
export function onVolumes({ host, volumesFrom, image, pgdata }: DataVolumes, script: string): DockerStep {
  const isolated = ["--rm", "--network", "none", "--volumes-from", volumesFrom, "--entrypoint", "sh"];
  return { run: "docker", host, argv: ["run", ...isolated, image, "-c", script, "sh", pgdata] };
}

/**
 * Fails for a replica that became a primary: promotion takes standby.signal away. Where no cluster is there yet, the entry
 * script clones one.
 */
export const STILL_STANDBY =
  'test ! -s "$1/PG_VERSION" || test -e "$1/standby.signal" || { echo "$1 has no standby.signal: this replica was promoted, and its container is left alone. Which primary has the data to keep is yours to decide; when nothing here is needed, move that directory away and apply again, which clones it anew" >&2; exit 1; }';
