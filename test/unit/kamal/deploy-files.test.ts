import { expect, test } from "vitest";
import { deployFiles } from "../../../src/kamal/deploy-files.ts";
import { maskErb } from "../../../src/kamal/erb.ts";
import { ownerFile } from "../../../src/kamal/owner-file.ts";
import { staticHosts } from "../../../src/kamal/static-hosts.ts";

test.each([
  [null, null, ["config/deploy.yml"]],
  [null, "staging", ["config/deploy.yml", "config/deploy.staging.yml"]],
  ["a.b/kamal.yaml", "eu", ["a.b/kamal.yaml", "a.b/kamal.eu.yml"]],
  ["a.b/kamal", "eu", ["a.b/kamal", "a.b/kamal.eu.yml"]],
])("files of -c %s -d %s", (configFile, destination, paths) => {
  expect(deployFiles({ configFile, destination })).toEqual(paths);
});

const base = {
  path: "base",
  text: "accessories:\n  db:\n    cmd: x\n    env:\n      clear: { A: b }\n  redis:\n    image: <%= r %>\n",
};
const staging = {
  path: "staging",
  text: "accessories:\n  db:\n    host: y\n    env:\n      clear: { B: c }\n    labels:\n  only:\n    image: z\n",
};

test.each([
  ["db", ["cmd"], "base"],
  ["db", ["host"], "staging"],
  ["db", ["env", "secret"], "base"],
  ["db", ["env", "clear", "A"], "base"],
  ["db", ["env", "clear", "B"], "staging"],
  ["db", ["labels", "x"], "staging"],
  ["only", ["cmd"], "staging"],
  ["redis", ["image"], "base"],
  ["fresh", ["image"], "staging"],
])("%s %j is edited in %s", (accessory, keyPath, owner) => {
  expect(ownerFile([base, staging], accessory, keyPath)).toBe(owner);
  expect(ownerFile([base], accessory, keyPath)).toBe("base");
});

test("a file that cannot be parsed has no say", () => {
  expect(() => ownerFile([base, { path: "staging", text: "a: [" }], "db", ["cmd"])).toThrow(
    expect.objectContaining({ code: "manifest.refused", where: expect.stringMatching(/^staging:/) }),
  );
});

test.each([
  [
    "accessories:\n  a: { host: h1 }\n  b:\n    hosts: [h2, h1]\n  c:\n    host: <%= x %>\n  d:\n    role: web\n",
    ["h1", "h2"],
  ],
  ["accessories: [", []],
  ["", []],
  ["- a", []],
  ["accessories:\n  a: text\n  b:\n    host: 5\n", []],
])("hosts of %j", (text, hosts) => expect(staticHosts(text)).toEqual(hosts));

test.each([
  ["<% if a %>\nx: 1\n<% elsif b %>\n<% else %>\n<% end %>\n", [1, 0, 0, -1]],
  ["<% list.each do |x| -%>\n<%- end -%>", [1, -1]],
  ["<% list.each { |x| %>a<% } %>", [1, -1]],
  ["<% while x do %><% end %>", [1, -1]],
  ["<% a = if x then 1 else 2 end %>", [0]],
  ["<% puts 'do end if' if x # do %>", [0]],
  ["<%= x.map do |y| end %><%# if %>", [0, 0]],
  ["<%% if %>", []],
])("blocks of Ruby in %j", (text, depths) => {
  const { masked, tags } = maskErb(text);
  expect(tags.map((tag) => tag.depth)).toEqual(depths);
  expect(masked).toHaveLength(text.length);
  expect(masked.replace("<%%", "")).not.toContain("<%");
  expect(masked.split("\n")).toHaveLength(text.split("\n").length);
});
