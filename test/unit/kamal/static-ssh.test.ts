import { expect, test } from "vitest";
import { parseManifest } from "../../../src/kamal/manifest.ts";
import { staticSsh } from "../../../src/kamal/static-ssh.ts";

test("Kamal's defaults where deploy.yml says nothing", () => {
  expect(staticSsh(["service: x\n"])).toEqual({
    user: "root",
    port: 22,
    proxy: null,
    proxyCommand: null,
    keys: [],
    keysOnly: false,
    keyData: [],
    config: true,
  });
});

test("what deploy.yml says, with the destination's file over it, and ERB elsewhere", () => {
  const base =
    "env: { A: <%= 1 %> }\nssh:\n  user: app\n  port: 2222\n  keys: [ ~/.ssh/id ]\n  keys_only: yes\n";
  expect(staticSsh([base, "ssh:\n  port: 2223\n  config: false\n"])).toMatchObject({
    user: "app",
    port: 2223,
    keys: ["~/.ssh/id"],
    keysOnly: true,
    config: false,
  });
});

test.each([
  ["ERB makes a part of it", "ssh:\n  user: <%= ENV['USER'] %>\n"],
  ["ERB makes all of it", "ssh: <%= settings %>\n"],
  ["a proxy", "ssh:\n  proxy: bastion\n"],
  ["a proxy command", "ssh:\n  proxy_command: nc %h %p\n"],
  ["keys that are secrets", "ssh:\n  key_data: [ KEY ]\n"],
  ["a text that cannot be parsed", "ssh: [\n"],
])("no guess: %s", (_, text) => {
  expect(staticSsh(["service: x\n", text])).toBeNull();
});

test("a text is parsed once, and never taken for another", () => {
  const texts = Array.from({ length: 30 }, (_, index) => `service: x${index}\n`);
  for (const text of [...texts, ...texts]) {
    expect(parseManifest(text)).toMatchObject({ value: { service: text.slice(9).trim() } });
    expect(parseManifest(text)).toBe(parseManifest(text));
  }
});
