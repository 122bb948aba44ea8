import { expect, test } from "vitest";
import type { DockerContainer } from "../../../src/model/probe.ts";
import { coveringMount, dataPath, mountsOf } from "../../../src/resources/container/data-place.ts";

const IN_ENV = ["PATH=/bin", "PGDATA=/env"];

test.each([
  ["PGDATA alone", IN_ENV, ["postgres", "-c", "jit=off"], "/env"],
  ["-D in two words", IN_ENV, ["postgres", "-D", "/flag"], "/flag"],
  ["-D in one word", IN_ENV, ["postgres", "-D/flag"], "/flag"],
  ["-c data_directory", IN_ENV, ["postgres", "-c", "data_directory=/flag"], "/flag"],
  ["-c in one word", IN_ENV, ["postgres", "-cdata_directory=/flag"], "/flag"],
  ["--data_directory", IN_ENV, ["postgres", "--data_directory=/flag"], "/flag"],
  ["--data-directory", IN_ENV, ["postgres", "--data-directory=/flag"], "/flag"],
  ["the last of two flags", [], ["postgres", "-D", "/one", "--data-directory=/two"], "/two"],
  ["neither", ["PATH=/bin", "OLD_PGDATA=/old"], ["postgres"], null],
])("%s says where the data is", (_what, env, cmd, path) => {
  expect(dataPath(env, cmd)).toBe(path);
});

test.each([
  ["the mount itself", ["/data"], "/data", "/data"],
  ["the deepest of those above", ["/", "/var", "/var/lib/pg", "/var/lib"], "/var/lib/pg/data", "/var/lib/pg"],
  ["the root", ["/"], "/data", "/"],
  ["none: a name that only begins alike", ["/data"], "/data2", undefined],
  ["none: a mount below", ["/data/pg_wal"], "/data", undefined],
])("a path lies on %s", (_what, destinations, path, covering) => {
  const mounts = destinations.map((destination) => ({ source: "/somewhere", destination }));
  expect(coveringMount(mounts, path)?.destination).toBe(covering);
});

test("a mount's source is what a new container would get again", () => {
  const one = { Source: "/of/docker", Destination: "/data", RW: true };
  const mounts = [
    { ...one, Type: "bind" },
    { ...one, Type: "volume", Name: "named" },
    { ...one, Type: "volume", Name: "0123456789abcdef".repeat(4) },
    { ...one, Type: "tmpfs" },
  ];
  const container = { Mounts: mounts } as unknown as DockerContainer;
  expect(mountsOf(container).map(({ source }) => source)).toEqual([
    "/of/docker",
    "named",
    undefined,
    undefined,
  ]);
});
