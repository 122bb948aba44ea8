import { describe, expect, test } from "vitest";
import { chooseAgents, chooseTarget } from "../../../../src/cli/remote/agents.ts";
import { besideAgent } from "../../../../src/cli/remote/files-restore.ts";
import { Failure } from "../../../../src/errors.ts";
import type { AgentNode, Topology } from "../../../../src/model/topology.ts";
import { buildTopology } from "../../../../src/topology/build.ts";
import { DEFAULTS, support } from "../../../cases/support/case.ts";
import { kamalConfig } from "../../../cases/support/kamal-config.ts";
import { policyOf } from "../../../cases/support/policy-text.ts";

function topologyOf(policy: string): Topology {
  return buildTopology(policyOf(policy), kamalConfig(DEFAULTS), () => null);
}

const two = topologyOf(support("backed-up.yml"));
const none = topologyOf(support("backup-policy.yml"));

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof Failure ? error.code : String(error);
  }
  return undefined;
}

describe("which agents a command is about", () => {
  const hosts = (targets: readonly string[], host: string | null = null) =>
    chooseAgents(two, { names: targets, of: "targets", host }).map(({ node, names }) => [
      node.host,
      ...names,
    ]);

  test("all, without anything named", () => {
    expect(hosts([])).toEqual([["123.123.123.123"], ["123.123.123.124"]]);
  });

  test("those that have the targets, each with its own", () => {
    expect(hosts(["db"])).toEqual([["123.123.123.124", "db"]]);
    expect(hosts(["db", "storage"])).toEqual([
      ["123.123.123.123", "storage"],
      ["123.123.123.124", "db"],
    ]);
  });

  test("every one that uses a repository", () => {
    const chosen = chooseAgents(two, { names: ["offsite"], of: "repositories", host: null });
    expect(chosen.map(({ names }) => names)).toEqual([["offsite"], ["offsite"]]);
  });

  test("that of a host", () => {
    expect(hosts([], "123.123.123.124")).toEqual([["123.123.123.124"]]);
  });

  test("none is a failure", () => {
    expect(codeOf(() => chooseAgents(none, { names: [], of: "targets", host: null }))).toBe("agent.missing");
    expect(codeOf(() => hosts([], "10.0.0.9"))).toBe("agent.missing");
    expect(codeOf(() => hosts(["dp"]))).toBe("agent.no-such-target");
    expect(codeOf(() => hosts(["db"], "123.123.123.123"))).toBe("agent.no-such-target");
  });
});

test("one target is named, but where there is only one", () => {
  expect(chooseTarget(two, "storage").target.name).toBe("storage");
  expect(codeOf(() => chooseTarget(two, undefined))).toBe("agent.no-such-target");
  const text = support("backed-up.yml").replace(/^files:[\s\S]*?^agent:/m, "agent:");
  expect(chooseTarget(topologyOf(text), undefined).target.name).toBe("db");
});

test("files are restored beside their agent, where they alone are writable", () => {
  const [agent] = two.agents;
  const { argv, announces, signal } = besideAgent(agent as AgentNode, "some.env", "storage", ["restore"]);
  const line = argv.join(" ");
  expect(line).toContain("--volumes-from teamyap-backup-123-123-123-123 ");
  expect(line).toContain("--volume /var/lib/teamyap/storage:/backup/storage/uploads --env-file some.env");
  expect(line).toMatch(/--entrypoint kamal-backup registry.example.com\/kamal-backup:1-pg17 restore$/);
  expect(signal("INT", "").join(" ")).toBe("docker kill --signal INT teamyap-backup-123-123-123-123-restore");
  expect(announces).toBe(false);
});
