import { copyFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { _ } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import type { Plugin } from "esbuild";
import { compileSchema } from "./src/policy/compile-schema.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** To make a function of the schema takes longer than all else that a run of the program computes: it is made here. */
const schemaAsCode: Plugin = {
  name: "schema-as-code",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/policy\/validator\.ts$/ }, ({ path }) => {
      const { ajv, validate } = compileSchema({ source: true, esm: true, formats: _`formats` });
      const formats =
        'import { isIPv4, isIPv6 } from "node:net";\n' +
        "const formats = { ipv4: { validate: isIPv4 }, ipv6: { validate: isIPv6 } };\n";
      return { contents: formats + standaloneCode.default(ajv, validate), resolveDir: dirname(path) };
    });
  },
};

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { main: "src/cli/main.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  // What a command does is loaded when it runs: --help needs little of it.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  // It has native parts that are optional.
  external: ["ssh2"],
  plugins: [schemaAsCode],
  // The CommonJS packages in the bundle ask for node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  legalComments: "linked",
  logLevel: "warning",
});
// It is looked for beside the module that names it, which the bundler may put into either.
for (const directory of ["dist", "dist/chunks"]) {
  copyFileSync(`${root}src/kamal/kamal_backup_secrets.rb`, `${root}${directory}/kamal_backup_secrets.rb`);
}
