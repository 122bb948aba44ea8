import { expect, test } from "vitest";
import { maskedValues } from "../../../../src/cli/remote/masked-values.ts";
import { Secret } from "../../../../src/model/secret.ts";

test("passwords are masked, and the names of users and databases are not", () => {
  const names = [
    "POSTGRES_PASSWORD",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "MYSQL_DATABASE",
    "MARIADB_USER",
    "DB_USER",
  ];
  const secrets = new Map(names.map((name) => [name, new Secret(name, "teamyap")]));
  expect(maskedValues(secrets)).toEqual({ POSTGRES_PASSWORD: "teamyap", DB_USER: "teamyap" });
});
