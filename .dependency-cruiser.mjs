/**
 * The import table of docs/architecture.md: a room's own files, and what it may import beside them. The parser is swc:
 * TypeScript 7 has no programming interface.
 */
const FOUNDATION = ["model", "errors\\.ts"];
const ROOMS = {
  model: [],
  policy: FOUNDATION,
  kamal: FOUNDATION,
  hosts: [...FOUNDATION, "kamal/types\\.ts"],
  topology: [...FOUNDATION, "kamal"],
  engine: [...FOUNDATION, "resources/kind\\.ts"],
  report: ["model"],
  tools: FOUNDATION,
  agent: [...FOUNDATION, "policy", "tools"],
};

/** One owner for each external package, by room. */
const OWNERS = {
  yaml: ["policy", "kamal"],
  ajv: ["policy", "kamal"],
  "ajv-formats": ["policy", "kamal"],
  ssh2: ["hosts"],
  "ssh-config": ["hosts"],
  execa: ["kamal/program\\.ts"],
  xstate: ["engine", "agent"],
  croner: ["agent/schedule"],
  pg: ["agent/engines/postgres"],
  commander: ["cli"],
  diff: ["report", "kamal"],
};

const within = (rooms) =>
  `^src/(${rooms.map((room) => (room.endsWith(".ts") ? `${room}$` : `${room}/`)).join("|")})`;

export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "not-found", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "errors-import-nothing",
      severity: "error",
      from: { path: "^src/errors\\.ts$" },
      to: { path: ".", dependencyTypesNot: ["core"] },
    },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `${room}-imports-only-what-it-may`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: "^(src|test|bench|docs)/", pathNot: [within([room, ...allowed])] },
    })),
    {
      name: "a-kind-imports-no-other-kind",
      severity: "error",
      from: { path: "^src/resources/([^/]+)/" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/resources/$1/",
          "^src/resources/[^/]+\\.ts$",
          within([...FOUNDATION, "kamal", "hosts", "topology"]),
        ],
      },
    },
    {
      name: "a-kind-does-not-import-the-list-of-kinds",
      severity: "error",
      from: { path: "^src/resources/[^/]+/" },
      to: { path: "^src/resources/index\\.ts$" },
    },
    {
      name: "no-import-of-cli",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    ...Object.entries(OWNERS).map(([name, rooms]) => ({
      name: `${name}-has-one-owner`,
      severity: "error",
      from: { path: "^src/", pathNot: within(rooms) },
      to: { path: `^node_modules/${name}/` },
    })),
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    moduleSystems: ["es6"],
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
