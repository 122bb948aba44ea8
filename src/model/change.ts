import type { Impact } from "./impact.ts";
import type { Step } from "./step.ts";

/** `<kind>:<name>`, for example `container:db` or `slot:db/db_replica`. */
export type ResourceId = string;

export type Action = "create" | "update" | "replace" | "delete" | "none" | "blocked";

/**
 * Why live and desired differ. drift: the live value is not what was last applied. policy: the policy or deploy.yml
 * is not what was last applied. both: each of these. adopt: it exists, is right or nearly, and was never ours.
 */
export type Cause = "drift" | "policy" | "both" | "adopt";

/** One field that differs, in words; a secret as its name or a keyed HMAC, never its value. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A difference of a text that people read line by line. */
export interface TextChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What differs for one resource, and what would be done about it. Plain JSON. */
export interface Change {
  readonly id: ResourceId;
  readonly kind: string;
  readonly action: Action;
  /** null when the action is none, or when a blocked one could not be observed. */
  readonly cause: Cause | null;
  /** One sentence: what differs and what that means; for a blocked one, why and what to do. Empty for none. */
  readonly reason: string;
  readonly impact: Impact;
  /** What the impact interrupts, in words; empty for none: "db stops and starts: about 5 s without the database". */
  readonly interrupts: string;
  readonly fields: readonly FieldChange[];
  readonly text?: TextChange;
  readonly steps: readonly Step[];
  /** Run in order when one of the steps failed, before apply gives up. */
  readonly rollback: readonly Step[];
  /** What has to be done before this. */
  readonly after: readonly ResourceId[];
  /** The change is settled by that other one; what remains is seen when it is done and observed again. */
  readonly settledBy?: ResourceId;
  /** Blocked because the thing could not be observed, as against observed and refused. */
  readonly unknown?: boolean;
  /** Worth a line although nothing is to be done: lag, WAL held by a slot, a rule outside our block. */
  readonly warnings: readonly string[];
  /** Worth a line, and no drift: what may well be meant. Left out where there are none. */
  readonly notices?: readonly string[];
  /** Digest of the observation that the change was computed from. */
  readonly fingerprint: string;
}
