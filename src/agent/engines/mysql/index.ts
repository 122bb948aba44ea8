import type { ServerTarget } from "../../../model/agent-policy.ts";
import type { MariadbLogin } from "../../../tools/mariadb/option-file.ts";
import type { AgentContext } from "../../context.ts";
import type { DatabaseTarget, Engine } from "../engine.ts";
import { connectClient } from "./client.ts";
import { writePlain } from "./plain.ts";
import { serverOf } from "./server.ts";
import { openSource } from "./source.ts";
import { startThrowaway, tidyThrowaways } from "./throwaway.ts";
import { verifyDump } from "./verify.ts";

/** MySQL and MariaDB: one protocol, one kind of dump, MariaDB's client programs for both. */
export const mysql: Engine = {
  adapter: "mysql",
  extension: "sql",
  open: async (target, context) => {
    const client = await connectClient(loginOf(target, context), target.name, context);
    try {
      return await openSource(client, context);
    } catch (error) {
      await client.close();
      throw error;
    }
  },
  verifyDump,
  tidyThrowaways,
  startThrowaway: (target, context) => startThrowaway(target as ServerTarget, context),
  connect: async (target, context) => {
    const login = loginOf(target, context);
    const client = await connectClient(login, target.name, context);
    return serverOf(client, { login, name: target.name, inProduction: true, standIn: null }, context);
  },
  plain: writePlain,
};

function loginOf(target: DatabaseTarget, context: AgentContext): MariadbLogin {
  const { connection } = target as ServerTarget;
  return {
    host: connection.host,
    port: connection.port,
    user: context.reveal(connection.user),
    password: context.reveal(connection.password),
  };
}
