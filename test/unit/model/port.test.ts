import { expect, test } from "vitest";
import { parsePort } from "../../../src/model/port.ts";

test.each([
  ["10.0.1.2:5432:5432", { ip: "10.0.1.2", hostPort: 5432, containerPort: 5432 }],
  ["127.0.0.1:15432:5432", { ip: "127.0.0.1", hostPort: 15432, containerPort: 5432 }],
  ["[fd00::2]:5432:5432", { ip: "fd00::2", hostPort: 5432, containerPort: 5432 }],
  ["5432:5432/tcp", { ip: null, hostPort: 5432, containerPort: 5432 }],
  ["5432:5432", { ip: null, hostPort: 5432, containerPort: 5432 }],
  ["5432", { ip: null, hostPort: 5432, containerPort: 5432 }],
  ["5432:5432/udp", null],
  ["5000-5010:5000-5010", null],
  ["", null],
])("%s", (port, published) => {
  expect(parsePort(port)).toEqual(published);
});
