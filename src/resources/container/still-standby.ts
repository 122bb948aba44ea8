import type { PresentContainer } from "../../model/probe.ts";
import type { Step } from "../../model/step.ts";
import { onVolumes } from "../on-volumes.ts";
import { dataPath } from "./data-place.ts";
import type { ContainerSpec } from "./desired.ts";

/** Argument: PGDATA. Where it is not there yet, the entry script clones. Promotion takes standby.signal away. */
const LOOK =
  'test ! -s "$1/PG_VERSION" || test -e "$1/standby.signal" || { echo "$1 has no standby.signal: this replica was promoted, and its container is left alone. Which primary has the data to keep is yours to decide; when nothing here is needed, move that directory away and apply again, which clones it anew" >&2; exit 1; }';

/**
 * Fails for a replica that became a primary before it stopped or fell silent: started or made anew, it would be a second
 * one. Looks at its data directory alone, as nobody answers, and writes nothing.
 */
export function stillStandby(spec: ContainerSpec, { container, image }: PresentContainer): Step[] {
  if (spec.role !== "replica") return [];
  const { Cmd, Env, Image } = container.Config;
  const place = {
    host: spec.host,
    volumesFrom: `${spec.wanted.container}:ro`,
    // By its id, docker never pulls another.
    image: image?.Id ?? Image,
    pgdata: dataPath(Env ?? [], Cmd ?? []) ?? (spec.wanted.env.clear["PGDATA"] as string),
  };
  return [onVolumes(place, LOOK)];
}
