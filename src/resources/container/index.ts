import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { ContainerSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveContainer } from "./observe.ts";

/** An accessory's container: Kamal never compares what runs with what deploy.yml says. */
export const container: Kind<ContainerSpec, LiveContainer> = {
  kind: "container",
  desired,
  facts,
  observe,
  diff,
};
