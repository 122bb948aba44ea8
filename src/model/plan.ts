import type { Change } from "./change.ts";

/** Everything that differs, in the order in which it would be applied. Plain JSON: schemas/plan.v1.schema.json. */
export interface Plan {
  readonly format_version: "1";
  readonly kamal_backup_version: string;
  readonly service: string;
  readonly destination: string | null;
  /** SHA-256 of the resolved policy, hexadecimal. */
  readonly policy_hash: string;
  /** SHA-256 of deploy.yml and the destination's file, hexadecimal. */
  readonly deploy_hash: string;
  readonly changes: readonly Change[];
}
