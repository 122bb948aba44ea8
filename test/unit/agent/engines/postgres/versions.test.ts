import { expect, test } from "vitest";
import { refuseOlderClient } from "../../../../../src/agent/engines/postgres/access.ts";
import { accountIn } from "../../../../../src/agent/engines/postgres/account.ts";
import { headForAll } from "../../../../../src/agent/engines/postgres/plain.ts";

test("programs older than the server are refused, newer ones are not", () => {
  expect(() => refuseOlderClient(16, 17, "17.6", "db:5432")).toThrow(
    expect.objectContaining({ code: "engine.client-too-old" }),
  );
  refuseOlderClient(17, 17, "17.6", "db:5432");
  refuseOlderClient(18, 17, "17.6", "db:5432");
});

test("a setting that older servers lack becomes a comment in the script's head, and in no table's data", () => {
  const script = `SET lock_timeout = 0;
SET transaction_timeout = 0;

--
-- Name: t; Type: TABLE DATA
--
SET transaction_timeout = 0;
`;
  const changed = headForAll(script);
  expect(changed).toHaveLength(script.length);
  expect(changed).toBe(script.replace("SET transaction", "--T transaction"));
});

test("an account is found by its whole name", () => {
  const passwd = "postgres2:x:1:2::/:/bin/sh\npostgres:x:101:104:admin:/var/lib/postgresql:/bin/bash\n";
  expect(accountIn(passwd, "postgres")).toEqual({ name: "postgres", uid: 101, gid: 104 });
  expect(accountIn(passwd, "nobody")).toBeNull();
});
