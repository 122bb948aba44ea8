import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { preparePassword } from "../../../src/model/saslprep.ts";
import { matchesVerifier, scramVerifier } from "../../../src/model/scram.ts";

// RFC 7677, section 3: user "user", password "pencil". Its StoredKey and ServerKey follow from the salted password.
const RFC_SALT = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");

describe("scramVerifier", () => {
  test("is what the example of RFC 7677 needs", () => {
    expect(scramVerifier("pencil", RFC_SALT, 4096)).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  test("matches its own password and no other", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (password, salt) => {
          const verifier = scramVerifier(password, salt, 1);
          expect(matchesVerifier(password, verifier)).toBe(true);
          expect(matchesVerifier(`${password}x`, verifier)).toBe(false);
        },
      ),
    );
  });

  test.each([
    "",
    "md5d41d8cd98f00b204e9800998ecf8427e",
    "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
    "SCRAM-SHA-256$4096:",
  ])("%j is no verifier of any password", (text) => {
    expect(matchesVerifier("", text)).toBe(false);
  });
});

describe("preparePassword", () => {
  test.each([
    ["plain", "plain"],
    ["I\u00adX", "IX"],
    ["\u00aa", "a"],
    ["\u2168", "IX"],
    ["a\u00a0b", "a b"],
    // Refused by SASLprep, so left as it is: a control character, right-to-left mixed with digits at the end, emoji.
    ["\u00e9\u0007", "\u00e9\u0007"],
    ["\u0627\u0031", "\u0627\u0031"],
    ["e\u0301\u{1f600}", "e\u0301\u{1f600}"],
    ["\u00ad", "\u00ad"],
  ])("%j becomes %j", (password, prepared) => {
    expect(preparePassword(password)).toBe(prepared);
  });
});

const binaries = [
  process.env["PGBIN"],
  "/usr/local/bin",
  ...["18", "17", "16", "15"].map((v) => `/usr/lib/postgresql/${v}/bin`),
]
  .filter((directory) => directory !== undefined)
  .find((directory) => existsSync(join(directory, "initdb")));

describe.skipIf(binaries === undefined)("beside a real Postgres", () => {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-scram-"));
  // The server refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  const run = (program: string, ...argv: string[]) =>
    execFileSync(join(binaries as string, program), argv, {
      ...account,
      cwd: directory,
      encoding: "utf8",
      stdio: "pipe",
    });
  const psql = (sql: string, env: Record<string, string> = {}) =>
    spawnSync(
      "psql",
      ["-XAtq", "-h", directory, "-U", "owner", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-f", "-"],
      {
        input: sql,
        encoding: "utf8",
        env: { ...process.env, PGCLIENTENCODING: "UTF8", ...env },
      },
    );

  beforeAll(() => {
    if (account.uid !== undefined) chownSync(directory, account.uid, account.gid as number);
    run("initdb", "-D", "data", "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync");
    run(
      "pg_ctl",
      "-D",
      "data",
      "-w",
      "-l",
      "log",
      "-o",
      `-k ${directory} -c listen_addresses= -c fsync=off`,
      "start",
    );
  }, 60_000);

  afterAll(() => {
    run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop");
    rmSync(directory, { recursive: true, force: true });
  });

  test("judges verifiers that Postgres made, whatever the password", () => {
    const interesting = fc.constantFrom(
      "\u00ad",
      "\u00a0",
      "\u2168",
      "\u0301",
      "e",
      "\u0627",
      "1",
      "\u{1f600}",
      "\u200b",
      "\u2009",
    );
    const char = fc.oneof(interesting, fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }));
    const passwords = fc
      .sample(fc.array(char, { minLength: 1, maxLength: 6 }), { numRuns: 200, seed: 3 })
      .map((chars) => chars.join(""))
      .filter((password) => !password.includes("\0"));
    const literal = (text: string) =>
      `U&'${[...text].map((c) => `\\+${c.codePointAt(0)?.toString(16).padStart(6, "0")}`).join("")}'`;
    const result = psql(
      passwords
        .map(
          (password) =>
            `DROP ROLE IF EXISTS r; CREATE ROLE r PASSWORD ${literal(password)}; SELECT rolpassword FROM pg_authid WHERE rolname = 'r';`,
        )
        .join("\n"),
    );
    expect(result.stderr.replaceAll(/.*does not exist, skipping\n/g, "")).toBe("");
    const verifiers = result.stdout.trim().split("\n");
    expect(verifiers).toHaveLength(passwords.length);
    expect(
      passwords.filter((password, index) => !matchesVerifier(password, verifiers[index] as string)),
    ).toEqual([]);
  });

  test("makes verifiers that Postgres stores as they are", () => {
    const verifier = scramVerifier("sésame", Buffer.alloc(16, 7), 4096);
    const result = psql(
      `CREATE ROLE s LOGIN PASSWORD '${verifier}'; SELECT rolpassword FROM pg_authid WHERE rolname = 's';`,
    );
    expect(result.stdout.trim()).toBe(verifier);
  });
});

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
}
