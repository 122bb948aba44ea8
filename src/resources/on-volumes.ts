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
