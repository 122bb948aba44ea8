import { splitCommand } from "../../kamal/shell-words.ts";
import type { Step } from "../../model/step.ts";
import { onVolumes } from "../on-volumes.ts";
import { dataPath } from "./data-place.ts";
import type { ContainerSpec } from "./desired.ts";
import type { SeenContainer } from "./observe.ts";

/** Argument: where the data is. PGDATA is the image's own. */
const LOOK =
  'test -s "$PGDATA/PG_VERSION" || { echo "this image looks for its data in ${PGDATA:-a place that it does not tell}, where there is none: it would come up empty. Nothing was stopped. Say in the env.clear of the accessory where the data is: PGDATA: $1" >&2; exit 1; }';

/**
 * Before a primary is stopped for another image, which may keep its data elsewhere than the one that runs: run once on the
 * data's volumes, read-only, it has to find it. Nothing to do where deploy.yml says where that is.
 */
export function findsData({ role, wanted, host }: ContainerSpec, live: SeenContainer): Step[] {
  const { container } = live.probe;
  const cmd = wanted.cmd === null ? [] : splitCommand(wanted.cmd);
  const isSaid = wanted.env.clear["PGDATA"] !== undefined || dataPath([], cmd) !== null;
  if (role !== "primary" || isSaid || wanted.image === container.Config.Image) return [];
  const pgdata = live.server?.data_directory ?? dataPath(container.Config.Env ?? [], []) ?? "";
  const volumesFrom = `${wanted.container}:ro`;
  return [onVolumes({ host, volumesFrom, image: wanted.image, pgdata }, LOOK)];
}
