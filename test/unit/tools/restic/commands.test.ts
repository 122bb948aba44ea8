import { expect, test } from "vitest";
import fc from "fast-check";
import { COMMANDS, pathsArgv, streamArgv } from "../../../../src/tools/restic/commands.ts";
import {
  globalArgv,
  resticEnvironment,
  type ResticAccess,
} from "../../../../src/tools/restic/environment.ts";
import { escapeTag, unescapeTag } from "../../../../src/tools/restic/tags.ts";

const ACCESS: ResticAccess = {
  location: "s3:https://user:canary-location@s3.test/bucket",
  password: "canary-password",
  env: { AWS_SECRET_ACCESS_KEY: "canary-key" },
  options: ["s3.bucket-lookup=path"],
  ca: "/etc/ca.pem",
  cacheDirectory: "/state/cache",
  ssh: null,
};

test("secrets, and a location that may hold one, are in the environment only", () => {
  const argv = globalArgv(ACCESS);
  expect(argv).toContain("s3.bucket-lookup=path");
  expect(argv.join(" ")).toContain("--cacert /etc/ca.pem");
  expect(argv.join(" ")).not.toContain("canary");
  expect(resticEnvironment(ACCESS)).toMatchObject({
    RESTIC_REPOSITORY: ACCESS.location,
    RESTIC_PASSWORD: "canary-password",
    AWS_SECRET_ACCESS_KEY: "canary-key",
  });
});

test("ssh is bounded, and told its key; the policy's own arguments come first", () => {
  const sftp = { ...ACCESS, location: "sftp:u@h:/b", ca: null, options: ["sftp.args=-p 2222"] };
  const bounds = "-o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4";
  expect(globalArgv(sftp).slice(-2)).toEqual(["-o", `sftp.args=-p 2222 ${bounds}`]);
  const login = { keyFile: "/state/key", knownHosts: "/etc/known_hosts" };
  const args = globalArgv({ ...sftp, ssh: login }).at(-1);
  expect(args).toContain(
    "-p 2222 -i '/state/key' -o IdentitiesOnly=yes -o 'UserKnownHostsFile=/etc/known_hosts'",
  );
  const command = { ...sftp, options: ["sftp.command=ssh u@h -s sftp"] };
  expect(globalArgv(command).slice(-2)).toEqual(["-o", "sftp.command=ssh u@h -s sftp"]);
  expect(globalArgv(ACCESS).join(" ")).not.toContain("sftp");
});

test("a producer's argv and paths stand behind the end of restic's flags", () => {
  const producer = { program: "pg_dump", argv: ["-Fc", "--", "-x"], env: {} };
  const argv = streamArgv(producer, "a.pgdump", "10.0.0.1", ["app:shop", "database:a,b"]);
  expect(argv.slice(argv.indexOf("--"))).toEqual(["--", "pg_dump", "-Fc", "--", "-x"]);
  expect(argv.join(" ")).toContain(
    "--tag app:shop --tag database:a%2Cb --compression fastest --stdin-filename a.pgdump",
  );
  expect(pathsArgv(["-odd"], "h", []).slice(-2)).toEqual(["--", "-odd"]);
  expect(COMMANDS.check("5%")).toContain("--read-data-subset");
  expect(COMMANDS.check(null)).not.toContain("--read-data-subset");
});

test("any tag survives restic, which splits at commas and trims", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (tag) => {
      const stored = escapeTag(tag);
      expect(stored).not.toContain(",");
      expect(stored.trim()).toBe(stored);
      expect(unescapeTag(stored)).toBe(tag);
    }),
  );
  expect(escapeTag("database:shop_production")).toBe("database:shop_production");
  expect(unescapeTag("database:50%")).toBe("database:50%");
});
