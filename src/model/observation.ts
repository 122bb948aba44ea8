import type { ResourceId } from "./change.ts";

/** What was seen of a thing. Unknown is never treated as absent. */
export type Observation<Live> =
  | { readonly status: "present"; readonly value: Live }
  | { readonly status: "absent" }
  | Unknown;

export interface Unknown {
  readonly status: "unknown";
  readonly reason: string;
  /** The thing can be observed once this resource's change is done: a container that is not running yet. */
  readonly waitsFor?: ResourceId;
}

export const absent = { status: "absent" } as const;

export function present<Live>(value: Live): { readonly status: "present"; readonly value: Live } {
  return { status: "present", value };
}

export function unknown(reason: string, waitsFor?: ResourceId): Unknown {
  return waitsFor === undefined ? { status: "unknown", reason } : { status: "unknown", reason, waitsFor };
}
