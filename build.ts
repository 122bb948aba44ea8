import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));

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
