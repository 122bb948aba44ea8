import { createServer, type Socket } from "node:net";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openRepository } from "../../../../src/agent/repository/open.ts";
import { codeOf, makePlace, sh } from "./support.ts";

const S3 = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "canary-secret-key" };

async function secondsOf<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const begun = Date.now();
  const value = await promise;
  return { value, seconds: (Date.now() - begun) / 1000 };
}

/** A port that takes connections and never says a word. */
async function mutePort(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test("a storage that refuses connections, or never answers, is unreachable within ten seconds", async () => {
  for (const location of [
    "s3:http://127.0.0.1:9/bucket",
    `s3:http://127.0.0.1:${await mutePort()}/bucket`,
    `rest:http://127.0.0.1:${await mutePort()}/`,
  ]) {
    const place = makePlace({ location, env: S3 });
    const { value, seconds } = await secondsOf(openRepository(place.repository, place.context).probe());
    expect(value).toMatchObject({ state: "unreachable", id: null });
    expect(seconds).toBeLessThan(14);
  }
});

test("a backup to it fails within a minute, before its producer runs", async () => {
  const place = makePlace({ location: "s3:http://127.0.0.1:9/bucket", env: S3 });
  const repository = openRepository(place.repository, place.context);
  const { value, seconds } = await secondsOf(
    repository.backupStream(sh("echo x"), "a", []).catch((error: unknown) => error),
  );
  expect(value).toMatchObject({ code: "repository.unreachable", where: "repository main" });
  expect((value as { detail: string }).detail).toContain("connection refused");
  expect(seconds).toBeLessThan(70);
});

test("an SFTP server that accepts and says nothing does not keep us", async () => {
  const location = `sftp://somebody@127.0.0.1:${await mutePort()}//backups`;
  const place = makePlace({ location });
  const { value, seconds } = await secondsOf(openRepository(place.repository, place.context).probe());
  expect(value.state).toBe("unreachable");
  expect(seconds).toBeLessThan(14);
});

test("a bucket that is not there is absent, not a hitch", async () => {
  const server = createHttpServer((_request, response) => {
    const code =
      "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
    response.writeHead(404, { "content-type": "application/xml" }).end(`<?xml version="1.0"?>${code}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const place = makePlace({
    location: `s3:http://127.0.0.1:${port}/bucket`,
    env: S3,
    options: ["s3.bucket-lookup=path"],
  });
  const repository = openRepository(place.repository, place.context);
  expect((await repository.probe()).state).toBe("absent");
  expect(await codeOf(repository.open())).toBe("repository.absent");
});
