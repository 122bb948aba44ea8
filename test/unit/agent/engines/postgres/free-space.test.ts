import { expect, it } from "vitest";
import { readDf } from "../../../../../src/agent/engines/postgres/free-space.ts";

it("reads what df -Pk says", () => {
  const gnu =
    "Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/sda1 61611820 29383196  29066480      51% /var/lib";
  expect(readDf(gnu)).toEqual({ free: 29066480 * 1024, total: 61611820 * 1024 });
  const odd =
    "Filesystem 1024-blocks Used Available Capacity Mounted on\n//nas/a 5 b 100 60 40 60% /mnt/1 2 3 4% x";
  expect(readDf(odd)).toEqual({ free: 40 * 1024, total: 100 * 1024 });
});

it.each([[""], ["df: .: No such file"], ["Filesystem 1024-blocks Used Available Capacity Mounted on"]])(
  "is null for %j",
  (text) => {
    expect(readDf(text)).toBeNull();
  },
);
