import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { createStepRunner } from "../../../src/engine/run-step.ts";
import type { Ports } from "../../../src/engine/ports.ts";
import { createWorld } from "../../../src/engine/world.ts";
import { matchesVerifier } from "../../../src/model/scram.ts";
import { Secret } from "../../../src/model/secret.ts";
import { showStep } from "../../../src/model/show-step.ts";
import type { Step } from "../../../src/model/step.ts";

const SECRETS = new Map([["PASSWORD", new Secret("PASSWORD", "canary")]]);
const STOPS = { stop: new AbortController().signal, abort: new AbortController().signal };

async function sent(step: Step): Promise<unknown[]> {
  const calls: unknown[] = [];
  const note = (...call: unknown[]) => {
    calls.push(...call.filter((part) => !(part instanceof AbortSignal)));
    return Promise.resolve("");
  };
  const ports: Ports = {
    kamal: async (...call) => void (await note(...call)),
    docker: note,
    sql: note,
    logTail: note,
  };
  await createStepRunner("/nowhere", SECRETS, ports)(step, STOPS, () => {});
  return calls;
}

test("a secret is filled in where it leaves, and only there", async () => {
  const step: Step = {
    run: "docker",
    host: "h",
    argv: ["exec", "-i", "c"],
    stdin: ["a ", { secret: "PASSWORD" }],
  };
  expect(await sent(step)).toEqual(["h", ["exec", "-i", "c"], "a canary"]);
  expect(showStep(step)).toBe("h$ docker exec -i c < 1 line");
  expect(JSON.stringify(step)).not.toContain("canary");
});

test("a password leaves as a verifier, another one each time", async () => {
  const params = { user: "u", verifier: { scramOf: { secret: "PASSWORD" } } };
  const step: Step = { run: "sql", host: "h", container: "c", statement: "select 1", params };
  const verifiers: string[] = [];
  for (const _ of [1, 2]) {
    const call = await sent(step);
    const { user, verifier } = call[3] as { user: string; verifier: string };
    expect([call.slice(0, 3), user]).toEqual([["h", "c", "select 1"], "u"]);
    expect(matchesVerifier("canary", verifier)).toBe(true);
    verifiers.push(verifier);
  }
  expect(verifiers[0]).not.toBe(verifiers[1]);
  expect(showStep(step)).toBe(
    "h$ psql in c: select 1  -- user = u, verifier = SCRAM verifier of secret PASSWORD",
  );
});

test("a secret that is not defined is a failure before anything is sent", async () => {
  const step: Step = { run: "docker", host: "h", argv: [], stdin: [{ secret: "OTHER" }] };
  await expect(sent(step)).rejects.toMatchObject({ code: "secrets.undefined" });
});

test("a kamal step is the argv as it is", async () => {
  expect(await sent({ run: "kamal", argv: ["accessory", "boot", "db"] })).toEqual([
    ["accessory", "boot", "db"],
  ]);
});

describe("a wait until a program in the container ends with 0", () => {
  const until = { argv: ["sh", "-c", "ready?"] };
  const step: Step = { run: "wait", host: "h", container: "c", until, what: "it works", timeoutSeconds: 9 };
  const STATES: Readonly<Record<string, string>> = { ps: "0123\n", inspect: "running 0 0\n" };
  const waiting = (program: () => Promise<string>, states = STATES) => {
    const calls: (readonly string[])[] = [];
    const docker: Ports["docker"] = async (_host, argv) => {
      calls.push(argv);
      return argv[0] === "exec" ? program() : (states[argv[0] as string] ?? "");
    };
    const unused = () => Promise.reject(new Error("not part of this test"));
    const ports = { kamal: unused, sql: unused, logTail: async () => "its log", docker };
    const done = createStepRunner("/nowhere", new Map(), ports)(step, STOPS, () => {});
    return { done, calls };
  };

  test("asks docker for it, again where it fails", async () => {
    let tries = 0;
    const { done, calls } = waiting(async () => {
      tries += 1;
      if (tries === 1) throw new Failure("docker.failed", "exited with 1");
      return "";
    });
    expect(await done).toBeUndefined();
    const asked = calls.filter(([verb]) => verb === "exec");
    expect(asked).toEqual([
      ["exec", "c", "sh", "-c", "ready?"],
      ["exec", "c", "sh", "-c", "ready?"],
    ]);
  });

  test("gives up, with the log, where the container has stopped", async () => {
    const fails = () => Promise.reject(new Failure("docker.failed", "is not running"));
    const { done } = waiting(fails, { ps: "0123\n", inspect: "exited 0 1\n" });
    await expect(done).rejects.toMatchObject({
      code: "apply.wait-failed",
      detail: expect.stringContaining("its log"),
    });
  });
});

describe("end-if-running", () => {
  const step: Step = { run: "end-if-running", host: "h", container: "0123abcd" };
  const runner = (docker: Ports["docker"]) => {
    const unused = () => Promise.reject(new Error("not part of this test"));
    return createStepRunner("/nowhere", new Map(), { kamal: unused, sql: unused, logTail: unused, docker });
  };

  test("asks for the container by its whole id, among those that run", async () => {
    const argv = ["ps", "--quiet", "--no-trunc", "--filter", "id=0123abcd"];
    expect(await sent(step)).toEqual(["h", argv, undefined]);
    expect(showStep(step)).toBe("end here if 0123abcd still runs on h");
  });

  test.each([
    ["ends where it runs", "0123abcd\n", "end"],
    ["goes on where it does not", "\n", undefined],
  ])("%s", async (_what, stdout, result) => {
    expect(await runner(async () => stdout)(step, STOPS, () => {})).toBe(result);
  });

  test("fails where docker does: nothing is known of the container", async () => {
    const docker = () => Promise.reject(new Failure("docker.failed", "no answer"));
    await expect(runner(docker)(step, STOPS, () => {})).rejects.toMatchObject({ code: "docker.failed" });
  });
});

test("the HMAC of a value is the same with the same secrets, whatever their order, and another with others", () => {
  const topology = { service: "app", destination: null, databases: [], agents: [], files: [], orphans: [] };
  const hmac = (...names: string[]) =>
    createWorld(topology, new Map(names.map((name) => [name, new Secret(name, `of ${name}`)])), []).hmac(
      "value",
    );
  expect(hmac("A", "B")).toMatch(/^[0-9a-f]{12}$/);
  expect(hmac("A", "B")).toBe(hmac("B", "A"));
  expect(hmac("A", "B")).not.toBe(hmac("A", "C"));
});
