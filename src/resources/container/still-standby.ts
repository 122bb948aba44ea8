import type { PresentContainer } from "../../model/probe.ts";
import type { Step } from "../../model/step.ts";
import { onVolumes, STILL_STANDBY } from "../on-volumes.ts";
import { dataPath } from "./data-place.ts";
import type { ContainerSpec } from "./desired.ts";

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
  return [onVolumes(place, STILL_STANDBY)];
}
