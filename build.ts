import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { _ } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";
import { compileAgentSchema } from "./src/policy/agent-policy-schema.ts";
import { compileSchema } from "./src/policy/compile-schema.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** To make a function of a schema takes longer than all else that a run of the program computes: it is made here. */
const schemasAsCode: Plugin = {
  name: "schemas-as-code",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/policy\/validator\.ts$/ }, ({ path }) => {
      const { ajv, validate } = compileSchema({ source: true, esm: true, formats: _`formats` });
      const formats =
        'import { isIPv4, isIPv6 } from "node:net";\n' +
        "const formats = { ipv4: { validate: isIPv4 }, ipv6: { validate: isIPv6 } };\n";
      return { contents: formats + standaloneCode.default(ajv, validate), resolveDir: dirname(path) };
    });
    onLoad({ filter: /\/src\/policy\/agent-policy-validator\.ts$/ }, ({ path }) => {
      const { ajv, validate } = compileAgentSchema({ source: true, esm: true });
      return { contents: standaloneCode.default(ajv, validate), resolveDir: dirname(path) };
    });
  },
};

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  plugins: [schemasAsCode],
  // The CommonJS packages in the bundle ask for node's own modules, and where they are.
  banner: {
    js:
      'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); ' +
      "const { dirname: __dirname, filename: __filename } = import.meta;",
  },
  legalComments: "linked",
  logLevel: "warning",
} satisfies BuildOptions;

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  ...OPTIONS,
  entryPoints: { main: "src/cli/main.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  // What a command does is loaded when it runs: --help needs little of it.
  splitting: true,
  // ssh2's native parts are optional, and crash under another Node than the one that they were compiled for.
  external: ["cpu-features", "*.node"],
});
// It is looked for beside the module that names it, which the bundler may put into either.
for (const directory of ["dist", "dist/chunks"]) {
  copyFileSync(`${root}src/kamal/kamal_backup_secrets.rb`, `${root}${directory}/kamal_backup_secrets.rb`);
}

// All of the agent in one file: the image has no node_modules. pg looks for its native twin, which is not wanted.
await build({
  ...OPTIONS,
  entryPoints: { main: "src/cli/agent-main.ts" },
  outdir: "dist/agent",
  external: ["pg-native"],
});
writeFileSync(`${root}dist/agent/package.json`, '{ "type": "module" }\n');
