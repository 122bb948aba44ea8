import { defineConfig } from "vitest/config";
import { WORKERS } from "./test/lab/support/workers.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{unit,cases,contract,golden}/**/*.test.ts"],
          globalSetup: ["test/temporary-directory.ts"],
          testTimeout: 20_000,
          // Pure functions: files share one load of the sources, and every core is theirs.
          isolate: false,
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          globalSetup: ["test/lab/support/start-lab.ts", "test/temporary-directory.ts"],
          setupFiles: ["test/lab/support/choose-pair.ts"],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          maxWorkers: WORKERS,
          // Projects that run with different numbers of workers run one after the other.
          sequence: { groupOrder: 1 },
          maxConcurrency: 1,
        },
      },
    ],
  },
});
