import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gather, requestsByHost } from "../../../src/engine/gather.ts";
import { createWorld } from "../../../src/engine/world.ts";
import type { Accessory } from "../../../src/model/accessory.ts";
import type { Fact } from "../../../src/model/fact.ts";
import { absent } from "../../../src/model/observation.ts";
import { Secret } from "../../../src/model/secret.ts";
import type { AccessoryNode, Topology } from "../../../src/model/topology.ts";
import type { Kind } from "../../../src/resources/kind.ts";

function node(name: string, host: string): AccessoryNode {
  const wanted: Accessory = {
    name,
    container: `app-${name}`,
    hosts: [host],
    image: "postgres:17",
    cmd: null,
    env: { clear: {}, secret: {} },
    port: null,
    volumes: [],
    files: [],
    labels: {},
    network: "kamal",
    restart: "unless-stopped",
    options: {},
  };
  return {
    name,
    host,
    declared: null,
    wanted,
    stamp: { wanted: "0", declared: null, written: null },
    edits: [],
  };
}

const replica = { ...node("standby", "h2"), slot: "standby", pgdata: "/data", maxLagSeconds: null };
const primary = { ...node("db", "h1"), settings: {}, hba: [], replication: null, replicas: [replica] };
const topology: Topology = {
  service: "app",
  destination: "staging",
  databases: [{ ...primary, declared: primary.wanted }],
  agents: [],
  files: [{ path: "config/entry.sh", text: "", what: "", applied: null, seen: [] }],
  orphans: [],
};
const world = createWorld(topology, new Map([["NAME", new Secret("NAME", "revealed")]]), ["config.yml"]);

function asking(...facts: Fact[]): Kind {
  return {
    kind: "asking",
    desired: () => [{ id: "asking:db", kind: "asking", after: [], spec: null }],
    facts: () => [{ accessory: "db", facts }],
    observe: () => absent,
    diff: () => ({ action: "none", reason: "" }),
  };
}

test("each host is asked once, each fact once, with its parameters revealed", () => {
  const fact = { name: "version", sql: "select 1", params: { user: { secret: "NAME" } } };
  expect(
    Object.fromEntries(
      requestsByHost([asking(fact), asking(fact, { name: "other", sql: "select 2" })], world),
    ),
  ).toEqual({
    h1: [
      {
        accessory: "db",
        container: "app-db",
        envFile: ".kamal/apps/app-staging/env/accessories/db.env",
        facts: [
          { name: "version", sql: "select 1", params: { user: "revealed" } },
          { name: "other", sql: "select 2", params: {} },
        ],
      },
    ],
    h2: [expect.objectContaining({ accessory: "standby", facts: [] })],
  });
});

test("two facts of one name that differ are a bug", () => {
  const kinds = [asking({ name: "a", sql: "select 1" }), asking({ name: "a", sql: "select 2" })];
  expect(() => requestsByHost(kinds, world)).toThrow("two different facts of db are called a");
});

test("gives what the hosts and the checkout hold, and refuses what nobody asked for", async () => {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-gather-"));
  writeFileSync(join(directory, "config.yml"), "text");
  const evidence = await gather([], world, directory, async (host, requests) =>
    Object.fromEntries(requests.map(({ accessory }) => [accessory, { status: "unknown", reason: host }])),
  );
  expect(evidence.probe("standby")).toEqual({ status: "unknown", reason: "h2" });
  expect([evidence.file("config.yml"), evidence.file("config/entry.sh")]).toEqual(["text", null]);
  expect(() => evidence.probe("other")).toThrow("nobody looked at other");
  expect(() => evidence.file("other")).toThrow("nobody read other");
});
