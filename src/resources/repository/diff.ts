import type { Observation } from "../../model/observation.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { RepositorySpec } from "./desired.ts";
import type { LiveRepository } from "./observe.ts";
import { init } from "./steps.ts";

type Seen = Exclude<Observation<LiveRepository>, { status: "unknown" }>;

export function diff({ spec }: Resource<RepositorySpec>, seen: Seen): Difference {
  if (seen.status === "absent") return inOrder;
  const { state, detail, id, expectedId, staleLocks } = seen.value;
  if (state === "wrong-password") {
    return blocked(
      `the password does not open ${spec.location} from ${spec.host}: ${detail}. Put the repository's own password into .kamal/secrets; without it nobody reads the backups`,
    );
  }
  if (state === "absent" && expectedId !== null) {
    return blocked(
      `the repository ${spec.name} was at ${spec.location} and is not there any more: is a volume not mounted, or was it moved or deleted? A new one is not made in its place`,
    );
  }
  if (state === "absent") {
    return {
      action: "create",
      cause: "policy",
      reason: `there is no repository at ${spec.location} yet`,
      fields: [{ field: "repository", before: null, after: spec.location }],
      steps: [init(spec)],
    };
  }
  if (expectedId !== null && id !== expectedId) {
    return blocked(
      `at ${spec.location} is another repository than ${spec.host} has backed up to: put the old one back, or give this one another name in the policy`,
    );
  }
  if (staleLocks.length === 0) return inOrder;
  const locks = staleLocks.map(({ host, time }) => `one of ${host} since ${time}`).join(", ");
  return {
    ...inOrder,
    warnings: [
      `${spec.name} has locks of a restic that is gone: ${locks}. \`kamal-backup unlock\` removes them`,
    ],
  };
}

function blocked(reason: string): Difference {
  return { action: "blocked", cause: "drift", reason };
}
