import type { Client } from "../../../../../src/agent/engines/mysql/client.ts";

/** A client that dies before its n-th script, or (`after`) right after that was done, and never does anything again. */
export function dyingClient(client: Client, at: number, after: boolean): Client {
  let count = 0;
  const died = async (): Promise<never> => {
    throw new Error("killed");
  };
  return {
    ...client,
    query: (...args) => (count >= at ? died() : client.query(...args)),
    run: (...args) => (count >= at ? died() : client.run(...args)),
    script: async (...args) => {
      if (++count < at) return await client.script(...args);
      if (after && count === at) await client.script(...args);
      return await died();
    },
  };
}
