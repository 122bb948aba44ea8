import { createHash } from "node:crypto";
import type { Cause, FieldChange } from "../../model/change.ts";
import type { Observation } from "../../model/observation.ts";
import { matchesVerifier } from "../../model/scram.ts";
import { showValue } from "../../model/secret.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource, World } from "../kind.ts";
import type { RoleSpec } from "./desired.ts";
import type { LiveRole } from "./observe.ts";
import { alter, create, STAMP } from "./steps.ts";

type Seen = Exclude<Observation<LiveRole>, { status: "unknown" }>;

export function diff({ spec }: Resource<RoleSpec>, seen: Seen, world: World): Difference {
  const name = showValue(spec.user);
  if (seen.status === "absent") {
    return {
      action: "create",
      cause: "policy",
      reason: `${spec.accessory} has no replication role (${name})`,
      fields: [{ field: "role", before: null, after: `${name}, LOGIN REPLICATION` }],
      steps: create(spec),
    };
  }
  const live = seen.value;
  if (live.superuser) {
    return {
      action: "blocked",
      cause: "adopt",
      reason: `${name} is a superuser: its password will not be changed. Name another role under replication.user`,
    };
  }
  return compare(spec, live, world);
}

function compare(spec: RoleSpec, live: LiveRole, world: World): Difference {
  const name = showValue(spec.user);
  const attributes = differingAttributes(live);
  const password = !matchesVerifier(world.reveal(spec.password), live.verifier ?? "");
  const stamped = live.comment?.startsWith(STAMP) === true;
  if (attributes.length === 0 && !password && stamped) return inOrder;
  if (password && !stamped && !isOldHash(spec, live, world)) {
    return {
      action: "blocked",
      cause: "adopt",
      reason: `${name} on ${spec.accessory} exists with another password and was not made by kamal-backup: an app may log in as it. Name a role of its own under replication.user, or give the secret the role's password`,
    };
  }
  const fields = password
    ? [...attributes, { field: "password", before: "another", after: showValue(spec.password) }]
    : attributes;
  return {
    action: "update",
    cause: causeOf(live, attributes.length > 0, password),
    reason:
      fields.length === 0
        ? `${name} is right and was not made by kamal-backup: it gets the stamp`
        : `${name} on ${spec.accessory} has ${fields.map(({ field }) => field).join(", ")} changed: replicas may be refused`,
    fields,
    steps: alter(spec, attributes.length > 0, password),
  };
}

/** No password at all, or the right one as Postgres stored it before SCRAM: `md5` and MD5 of password and user. */
function isOldHash(spec: RoleSpec, { verifier }: LiveRole, world: World): boolean {
  if (verifier === null) return true;
  const hash = createHash("md5").update(world.reveal(spec.password) + world.reveal(spec.user));
  return verifier === `md5${hash.digest("hex")}`;
}

function differingAttributes(live: LiveRole): FieldChange[] {
  const fields: FieldChange[] = [];
  if (!live.login) fields.push({ field: "LOGIN", before: "NOLOGIN", after: "LOGIN" });
  if (!live.replication) fields.push({ field: "REPLICATION", before: "NOREPLICATION", after: "REPLICATION" });
  if (live.expired) fields.push({ field: "VALID UNTIL", before: "expired", after: "infinity" });
  return fields;
}

/** A verifier that is not the one we stamped was set by hand; the stamped one that no longer fits: the secret changed. */
function causeOf(live: LiveRole, attributes: boolean, password: boolean): Cause {
  if (live.comment?.startsWith(STAMP) !== true) return "adopt";
  const setByHand = live.comment !== `${STAMP}${live.verifier_hash}`;
  if (!password || setByHand) return "drift";
  return attributes ? "both" : "policy";
}
