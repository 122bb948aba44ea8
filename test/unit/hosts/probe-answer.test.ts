import { expect, test } from "vitest";
import { readProbe } from "../../../src/hosts/probe-answer.ts";
import type { ContainerRequest } from "../../../src/hosts/probe-script.ts";
import type { ContainerProbe } from "../../../src/model/probe.ts";

const request: ContainerRequest = {
  accessory: "db",
  container: "app-db",
  envFile: ".kamal/db.env",
  facts: [{ name: "one", sql: "select 1", params: { secret: "hunter2" } }],
};
const container = JSON.stringify({
  Id: "c0ffee",
  Name: "/app-db",
  Image: "sha256:1",
  State: { Running: true },
});
const image = JSON.stringify({ Id: "sha256:1", Config: {} });
const start = "\nN home\n/root\n";
const seen = `${start}\nN containers\nsha256:1 ${container}\n\nN containers-end 0\n`;
const whole = `${seen}\nN images\n${image}\n\nN images-end 0\n`;
const noContainer = "Error response from daemon: No such container: app-db";

function probe(stdout: string, stderr = "", asked = request): ContainerProbe | undefined {
  return readProbe([asked], "N", stdout, stderr)["db"];
}

test.each<[string, string, string]>([
  [
    "docker is missing",
    `${start}\nN containers\n\nN containers-end 127\nsh: 9: docker: not found`,
    "docker: not found",
  ],
  [
    "no permission",
    `${start}\nN containers\n\nN containers-end 1\npermission denied while trying to connect`,
    "permission denied",
  ],
  [
    "the daemon is down",
    `${start}\nN containers\n\nN containers-end 1\nCannot connect to the Docker daemon`,
    "Cannot connect",
  ],
  [
    "another container is missing",
    `${start}\nN containers\n\nN containers-end 1\n${noContainer}-2`,
    "did not describe",
  ],
  ["garbage", "Welcome to our server\n", "gave no answer"],
  ["cut off", seen.slice(0, -30), "gave no answer"],
  ["the image's answer is missing", seen, "did not describe the image"],
  [
    "the env file is unreadable",
    `${whole}\nN env 0\n\nN env-end 0 1\ncat: Permission denied`,
    "Permission denied",
  ],
])("unknown: %s", (_what, stdout, reason) => {
  expect(probe(stdout)).toMatchObject({ status: "unknown", reason: expect.stringContaining(reason) });
});

test("absent is only what docker says is not there", () => {
  expect(probe(`${start}\nN containers\n\nN containers-end 1\n${noContainer}`)).toEqual({ status: "absent" });
});

test("a name that docker took for the beginning of an id is absent", () => {
  const asked = { ...request, container: "c0" };
  expect(probe(whole, "", asked)).toEqual({ status: "absent" });
});

test("an image that is gone is null", () => {
  const stdout = `${seen}\nN images\n\nN images-end 1\nError response from daemon: No such image: sha256:1`;
  expect(probe(stdout)).toMatchObject({ status: "present", image: null, envFile: null, home: "/root" });
});

test("the env file is kept to the byte", () => {
  expect(probe(`${whole}\nN env 0\nA=1\nB=2\n\nN env-end 0 0\n`)).toMatchObject({ envFile: "A=1\nB=2\n" });
  expect(probe(`${whole}\nN env 0\nA=1\nN env-end 0 0\n`)).toMatchObject({ envFile: "A=1" });
});

test.each<[string, string, unknown]>([
  ["JSON over several lines", 'N fact 0 0\n{"a":\n1}\nN fact-end 0 0 false 00000 \n', { json: { a: 1 } }],
  ["no row", "N fact 0 0\nN fact-end 0 0 false 00000 \n", { error: "the statement returned no row" }],
  [
    "two rows",
    "N fact 0 0\n1\n2\nN fact-end 0 0 false 00000 \n",
    { error: "the statement did not return one row of JSON" },
  ],
  [
    "an error, its parameter hidden",
    "N fact 0 0\nN fact-end 0 0 true 22023 bad: hunter2\nmore\n",
    { error: "bad: [secret]\nmore (SQLSTATE 22023)" },
  ],
  [
    "the server starts up",
    "\nN session 0\n\nN session-end 0 2\npsql: error: connection failed: FATAL:  the database system is starting up",
    { error: "psql: error: connection failed: FATAL:  the database system is starting up" },
  ],
  ["the answer is cut off", "N fact 0 0\n1", { error: "the session gave no answer" }],
])("a fact: %s", (_what, session, answer) => {
  expect(probe(`${whole}${session}`)).toMatchObject({ facts: { one: answer } });
});

test.each<[string, string, unknown]>([
  ["JSON", 'N program 0 0\n{"a":\n1}\n\nN program-end 0 0 0\n', { json: { a: 1 } }],
  ["no JSON", "N program 0 0\nhello\nN program-end 0 0 0\n", { error: "the program did not print JSON" }],
  [
    "a failure that is JSON",
    'N program 0 0\n{"error":{"code":"a.b","message":"no policy"}}\nN program-end 0 0 1\n',
    { error: "it exited with 1: no policy" },
  ],
  [
    "a program that is not there",
    "N program 0 0\n\nN program-end 0 0 127\nOCI runtime exec failed: not found in $PATH",
    { error: "it exited with 127: OCI runtime exec failed: not found in $PATH" },
  ],
  [
    "a time-out",
    "N program 0 0\n\nN program-end 0 0 124\n",
    { error: "it exited with 124: it said nothing" },
  ],
  ["an answer that is cut off", 'N program 0 0\n{"a":', { error: "the program gave no answer" }],
])("a program: %s", (_what, output, answer) => {
  const asked = { ...request, facts: [{ name: "status", argv: ["kamal-backup", "status"] }] };
  expect(probe(`${whole}${output}`, "", asked)).toMatchObject({ facts: { status: answer } });
});

test("a container that does not run has no facts", () => {
  const stopped = whole.replace('"Running":true', '"Running":false');
  expect(probe(`${stopped}\nN session 0\n\nN session-end 0 1\nis not running`)).toMatchObject({ facts: {} });
});
