import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runJob } from "../../../src/agent/job-machine.ts";
import type { Work } from "../../../src/agent/jobs/job.ts";
import { pingRequest } from "../../../src/agent/notify/request.ts";
import { Failure } from "../../../src/errors.ts";
import type { AgentNotification } from "../../../src/model/agent-policy.ts";
import { anAgent } from "./an-agent.ts";
import { aPolicy } from "./an-agent-policy.ts";

interface Got {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** A server that answers with these statuses one after another, then 200; null: it never answers. */
async function aServer(statuses: readonly (number | null)[] = []) {
  const got: Got[] = [];
  const left = [...statuses];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      got.push({ method: request.method ?? "", url: request.url ?? "", body });
      const status = left.length > 0 ? left.shift() : 200;
      if (status != null) response.writeHead(status).end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    got,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hc/3f6a-secret-uuid?create=1`,
  };
}

const ALL = { url: { secret: "URL" }, on: ["start", "success", "failure"], jobs: ["backup"] } as const;

async function run(
  url: string,
  notify: readonly AgentNotification[],
  work: Work,
  job: "backup" | "check" = "backup",
) {
  const clock = { now: () => new Date("2026-03-01T02:15:00Z"), sleep: async () => {} };
  const agent = anAgent({ policy: aPolicy([], { notify }), clock }, { URL: url, PASSWORD: "hunter2secret" });
  const what = { job, target: "db", repository: "offsite", trigger: { by: "hand" }, work } as const;
  const end = await runJob(what, agent, () => {});
  return { end, lines: agent.lines };
}

const succeed: Work = async () => ({ outcome: "success", details: { bytes: 7 } });
const fail: Work = () => Promise.reject(new Failure("repository.absent", "gone: hunter2secret"));

test("a ping of the start, then of the end, with the address's own query", async () => {
  const { got, url } = await aServer();
  await run(url, [{ ...ALL, type: "ping" }], succeed);
  expect(got.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
    "GET /hc/3f6a-secret-uuid/start?create=1",
    "GET /hc/3f6a-secret-uuid?create=1",
  ]);
});

test("a failure is posted to /fail, in words, without secrets", async () => {
  const { got, url } = await aServer();
  await run(url, [{ ...ALL, type: "ping" }], fail);
  expect(got[1]).toMatchObject({ method: "POST", url: "/hc/3f6a-secret-uuid/fail?create=1" });
  expect(got[1]?.body).toMatch(/^backup of db: failure\ngone: \[REDACTED\] \(repository\.absent\)\n./);
});

test("a webhook gets the record", async () => {
  const { got, url } = await aServer();
  await run(url, [{ ...ALL, type: "webhook" }], fail);
  const [start, end] = got.map(({ body }) => JSON.parse(body));
  expect(start).toEqual({
    event: "start",
    app: "teamyap",
    host: "10.0.1.2",
    job: "backup",
    target: "db",
    repository: "offsite",
    started_at: "2026-03-01T02:15:00.000Z",
  });
  expect(end).toMatchObject({
    ...start,
    event: "failure",
    outcome: "failure",
    error: { code: "repository.absent" },
  });
  expect(JSON.stringify(got)).not.toContain("hunter2secret");
});

test("only what was asked for is told", async () => {
  const { got, url } = await aServer();
  const notify = [{ ...ALL, on: ["failure"], type: "ping" }] as const;
  await run(url, notify, succeed);
  await run(url, [{ ...ALL, type: "ping" }], fail, "check");
  expect(got).toEqual([]);
});

test("a server that is in trouble is asked again; one that says no is not", async () => {
  const troubled = await aServer([503, 429, 500]);
  await run(troubled.url, [{ ...ALL, on: ["success"], type: "ping" }], succeed);
  expect(troubled.got).toHaveLength(4);
  const refusing = await aServer([404]);
  const { lines } = await run(refusing.url, [{ ...ALL, on: ["success"], type: "ping" }], succeed);
  expect(refusing.got).toHaveLength(1);
  expect(lines).toEqual(["notification 1 (ping) of backup db failed: HTTP status 404"]);
});

test.each(["http://127.0.0.1:1/secret-uuid", "http://no-such-host.invalid/secret-uuid", "secret-uuid"])(
  "nobody there: the job is what it was, and no word of the address is logged (%s)",
  async (url) => {
    const { end, lines } = await run(url, [{ ...ALL, type: "webhook" }], succeed);
    expect(end).toMatchObject({ error: null, entry: { outcome: "success" } });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toMatch(/secret-uuid|no-such-host|127\.0\.0\.1/);
  },
);

test("a server that does not answer holds up neither the work nor the record nor the lock", async () => {
  const { got, url } = await aServer([null, 503]);
  let began = 0;
  const started = Date.now();
  const agent = anAgent({ policy: aPolicy([], { notify: [{ ...ALL, type: "ping" }] }) }, { URL: url });
  let released = 0;
  const work: Work = async () => {
    began = Date.now() - started;
    return { outcome: "success", details: {} };
  };
  const what = { job: "backup", target: "db", repository: "offsite", trigger: { by: "hand" }, work } as const;
  const end = await runJob(what, agent, () => {
    released = Date.now() - started;
  });
  expect(end.error).toBeNull();
  expect(Math.max(began, released)).toBeLessThan(5000);
  // The start is given up after ten seconds; the end is sent again.
  expect(got.map(({ url: path }) => path.includes("/start"))).toEqual([true, false, false]);
}, 60_000);

test("an address with a slash at its end is pinged without two", () => {
  expect(pingRequest("https://hc.example/uuid/", { on: "start", run: {} as never }).url).toBe(
    "https://hc.example/uuid/start",
  );
});
