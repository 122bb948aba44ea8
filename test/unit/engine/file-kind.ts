import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld } from "../../../src/engine/world.ts";
import type { Impact } from "../../../src/model/impact.ts";
import { absent, present, unknown } from "../../../src/model/observation.ts";
import type { Plan } from "../../../src/model/plan.ts";
import type { Step } from "../../../src/model/step.ts";
import type { Evidence, Kind, World } from "../../../src/resources/kind.ts";
import { makePlan } from "../../../src/engine/plan.ts";

/** A file that must have a text: the smallest real thing that the engine can reconcile. */
export interface FileSpec {
  readonly path: string;
  readonly text: string;
  readonly after?: readonly string[];
  readonly impact?: Impact;
  /** Cannot be observed at all. */
  readonly hidden?: boolean;
  /** Cannot be observed before this file exists. */
  readonly behind?: string;
  readonly steps?: readonly Step[];
  readonly rollback?: readonly Step[];
}

/** A kind of files in the order given. */
export function fileKind(files: readonly FileSpec[]): Kind<FileSpec, string> {
  return {
    kind: "file",
    desired: () =>
      files.map((spec) => ({ id: `file:${spec.path}`, kind: "file", after: spec.after ?? [], spec })),
    observe({ spec }, evidence) {
      if (spec.hidden === true) return unknown("it is dark");
      if (spec.behind !== undefined && evidence.file(spec.behind) === null) {
        return unknown(`${spec.behind} is not there`, `file:${spec.behind}`);
      }
      const text = evidence.file(spec.path);
      return text === null ? absent : present(text);
    },
    diff({ spec }, seen) {
      const before = seen.status === "present" ? seen.value : null;
      if (before === spec.text) return { action: "none", reason: "" };
      return {
        action: before === null ? "create" : "update",
        cause: before === null ? "policy" : "drift",
        reason: `${spec.path} differs`,
        impact: spec.impact ?? "none",
        steps: spec.steps ?? [{ run: "edit", path: spec.path, before, after: spec.text }],
        rollback: spec.rollback ?? [],
      };
    },
  };
}

function emptyWorld(): World {
  const topology = { service: "app", destination: null, databases: [], agents: [], files: [], orphans: [] };
  return createWorld(topology, new Map(), []);
}

export function planOf(kinds: readonly Kind[], evidence: Evidence): Plan {
  return makePlan({
    world: emptyWorld(),
    kinds,
    evidence,
    version: "0.0.0",
    policyHash: "p",
    deployHash: "d",
  });
}

/** Reads what is there at the time. */
export function evidenceIn(directory: string): Evidence {
  return {
    probe: () => ({ status: "absent" }),
    file(path) {
      try {
        return readFileSync(join(directory, path), "utf8");
      } catch {
        return null;
      }
    },
  };
}

export function checkout(): string {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-engine-"));
  mkdirSync(join(directory, "config"));
  return directory;
}
