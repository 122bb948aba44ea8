import type { Engine } from "../engine.ts";
import { reachSite } from "./access.ts";
import { writePlain } from "./plain.ts";
import { serverAt } from "./server.ts";
import { openSource } from "./source.ts";
import { startThrowaway, tidyThrowaways } from "./throwaway.ts";
import { verifyDump } from "./verify.ts";

/** PostgreSQL, with the programs of the newest major that is installed. */
export const postgres: Engine = {
  adapter: "postgres",
  extension: "pgdump",
  open: openSource,
  verifyDump,
  tidyThrowaways,
  startThrowaway,
  connect: async (target, context) => {
    const { access, programs, version } = await reachSite(target, context);
    return serverAt(access, programs, version, false, context);
  },
  plain: writePlain,
};
