import { execFileSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  fingerprint,
  judgeHostKey,
  knownHostLine,
  knownKeyTypes,
  parseKnownHosts,
} from "../../../src/hosts/known-hosts.ts";
import { appendKnownHost, readKnownHosts } from "../../../src/hosts/known-hosts-files.ts";

const directory = mkdtempSync(join(tmpdir(), "known-hosts-"));
afterAll(() => rmSync(directory, { recursive: true }));

function key(type: string, seed: string): { blob: Buffer; text: string } {
  const part = (data: string | Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.from(data).length);
    return Buffer.concat([length, Buffer.from(data)]);
  };
  const blob = Buffer.concat([part(type), part(Buffer.alloc(32, seed))]);
  return { blob, text: `${type} ${blob.toString("base64")}` };
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

const good = key("ssh-ed25519", "good");
const other = key("ssh-ed25519", "other");
const rsa = key("ssh-rsa", "rsa");

describe("the verdict on a host's key", () => {
  test.each<[string, string[], string, number, string]>([
    ["plain", [`db.example.com ${good.text}`], "db.example.com", 22, "known"],
    ["upper case in the file", [`DB.example.com ${good.text}`], "db.example.com", 22, "known"],
    ["upper case of the host", [`db.example.com ${good.text}`], "DB.Example.com", 22, "known"],
    ["in a comma list", [`db1,10.0.0.1,db2 ${good.text} a comment`], "10.0.0.1", 22, "known"],
    ["star", [`*.example.com ${good.text}`], "db.example.com", 22, "known"],
    ["question mark", [`10.0.0.? ${good.text}`], "10.0.0.7", 22, "known"],
    ["question mark for one character only", [`10.0.0.? ${good.text}`], "10.0.0.77", 22, "unknown"],
    ["negated", [`*.example.com,!db.example.com ${good.text}`], "db.example.com", 22, "unknown"],
    ["a dot is a dot", [`10.0.0.1 ${good.text}`], "10.0x0.1", 22, "unknown"],
    ["hashed", [`${hashed("10.0.0.1")} ${good.text}`], "10.0.0.1", 22, "known"],
    ["hashed, another host", [`${hashed("10.0.0.2")} ${good.text}`], "10.0.0.1", 22, "unknown"],
    ["hashed with port", [`${hashed("[10.0.0.1]:2222")} ${good.text}`], "10.0.0.1", 2222, "known"],
    ["with port", [`[db]:2222 ${good.text}`], "db", 2222, "known"],
    ["of another port", [`[db]:2222 ${good.text}`], "db", 22, "unknown"],
    ["without port vouches for a port", [`db ${good.text}`], "db", 2222, "known"],
    ["without port never makes another port's key changed", [`db ${other.text}`], "db", 2222, "unknown"],
    ["an own entry with port, another key", [`[db]:2222 ${other.text}`], "db", 2222, "changed"],
    ["changed", [`db ${other.text}`], "db", 22, "changed"],
    ["changed, of another type", [`db ${rsa.text}`], "db", 22, "changed"],
    ["changed, hashed", [`${hashed("db")} ${other.text}`], "db", 22, "changed"],
    ["one of several", [`db ${rsa.text}`, `db ${other.text}`, `db ${good.text}`], "db", 22, "known"],
    ["revoked", [`@revoked db ${good.text}`], "db", 22, "revoked"],
    ["revoked for all, although known", [`db ${good.text}`, `@revoked * ${good.text}`], "db", 22, "revoked"],
    ["revoked, on a port", [`[db]:2222 ${good.text}`, `@revoked db ${good.text}`], "db", 2222, "revoked"],
    ["another key revoked", [`db ${good.text}`, `@revoked * ${other.text}`], "db", 22, "known"],
    ["only another key revoked", [`@revoked * ${other.text}`], "db", 22, "unknown"],
    [
      "certificate authority",
      [`@cert-authority *.example.com ${good.text}`],
      "db.example.com",
      22,
      "unknown",
    ],
    ["an unknown marker", [`@future db ${good.text}`], "db", 22, "unknown"],
    [
      "comments, blanks, rubbish",
      ["# db", "", "db", "db ssh-ed25519 !!!", `\tdb\t${good.text}`],
      "db",
      22,
      "known",
    ],
    ["a type that is not the key's", [`db ssh-rsa ${good.text.split(" ")[1]}`], "db", 22, "unknown"],
    ["Windows line ends", [`db ${good.text}\r`], "db", 22, "known"],
  ])("%s", (_what, lines, host, port, verdict) => {
    const entries = parseKnownHosts(lines.join("\n"), "known_hosts");
    expect(judgeHostKey(entries, host, port, good.blob).verdict).toBe(verdict);
  });

  test("a changed key says where the known ones stand", () => {
    const entries = parseKnownHosts(`\ndb ${other.text}\n`, "/home/a/known_hosts");
    expect(judgeHostKey(entries, "db", 22, good.blob)).toEqual({
      verdict: "changed",
      where: ["/home/a/known_hosts:2"],
    });
  });

  test("an entry of a certificate authority is told", () => {
    const entries = parseKnownHosts(`@cert-authority db ${good.text}`, "f");
    expect(judgeHostKey(entries, "db", 22, good.blob)).toEqual({ verdict: "unknown", certAuthority: true });
  });
});

test("the types of known keys are those of the host, without revoked ones and authorities", () => {
  const lines = [
    `db ${rsa.text}`,
    `@revoked db ${good.text}`,
    `@cert-authority db ${good.text}`,
    `x ${good.text}`,
  ];
  expect(knownKeyTypes(parseKnownHosts(lines.join("\n"), "f"), "db", 22)).toEqual(["ssh-rsa"]);
  expect(knownKeyTypes(parseKnownHosts(lines.join("\n"), "f"), "db", 2222)).toEqual(["ssh-rsa"]);
});

test("what ssh-keygen writes and hashes is read, with its fingerprint", () => {
  const path = join(directory, "id");
  execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", "", "-f", path]);
  const file = join(directory, "hashed");
  writeFileSync(file, `[db.example.com]:2200 ${readFileSync(`${path}.pub`, "utf8")}`, { mode: 0o600 });
  execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  expect(readFileSync(file, "utf8")).toMatch(/^\|1\|/);
  const [entry] = readKnownHosts([join(directory, "missing"), file]);
  if (!entry) throw new Error("no entry");
  expect(judgeHostKey([entry], "db.example.com", 2200, entry.key).verdict).toBe("known");
  expect(execFileSync("ssh-keygen", ["-lf", path], { encoding: "utf8" })).toContain(fingerprint(entry.key));
});

test("a key is added in a file of its own, or after a line that did not end", () => {
  const file = join(directory, "new", ".ssh", "known_hosts");
  appendKnownHost(file, knownHostLine("db", 22, good.blob));
  expect(statSync(join(directory, "new", ".ssh")).mode & 0o777).toBe(0o700);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, `a ${good.text}`);
  appendKnownHost(file, knownHostLine("db", 2222, rsa.blob));
  expect(readFileSync(file, "utf8")).toBe(`a ${good.text}\n[db]:2222 ${rsa.text}\n`);
});

test("a file that cannot be read is no empty file", () => {
  expect(() => readKnownHosts([directory])).toThrow(expect.objectContaining({ code: "host.known-hosts" }));
});
