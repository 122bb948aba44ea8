import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { RepositorySpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveRepository } from "./observe.ts";

/** A repository, seen with the eyes of the agent that backs up to it. */
export const repository: Kind<RepositorySpec, LiveRepository> = {
  kind: "repository",
  desired,
  facts,
  observe,
  diff,
};
