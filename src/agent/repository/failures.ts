import { type ErrorCode, Failure } from "../../errors.ts";
import { RESTIC_EXIT } from "../../tools/restic/exit-status.ts";
import { parseStderr } from "../../tools/restic/messages.ts";
import type { ToolResult } from "../../tools/run.ts";
import { NOT_STARTED } from "./alive.ts";

/** What a run of restic was for. */
export interface Purpose {
  /** In words, after "restic could not": "list the snapshots". */
  readonly toDo: string;
  /** Of a failure that restic has no exit status for. */
  readonly otherwise: ErrorCode;
  readonly repository: string;
  /** Ours ended it, as it took too long. */
  readonly timedOutAfterSeconds: number | null;
  redact(text: string): string;
}

/** The Failure that a run of restic which did not succeed came to; its words come redacted. */
export function failureOf(result: ToolResult, purpose: Purpose): Failure {
  const { toDo, otherwise, repository, redact } = purpose;
  // Of children restic has one kind besides a backup's producer: ssh, whose words say more than its own.
  const words = parseStderr(result.stderr);
  const detail = redact([words.restic, words.producer].filter((text) => text !== "").join("\n"));
  const where = `repository ${repository}`;
  const failed = (code: ErrorCode, what: string): Failure => new Failure(code, what, { where, detail });
  if (result.spawnError !== null || result.exitCode === NOT_STARTED)
    return failed(
      "repository.program-missing",
      `restic could not be started: ${result.spawnError ?? "flock says so"}`,
    );
  if (saysNoBucket(detail))
    return failed("repository.absent", "there is no bucket of that name at its location");
  if (purpose.timedOutAfterSeconds !== null)
    return failed(
      "repository.unreachable",
      `it did not answer within ${purpose.timedOutAfterSeconds} seconds`,
    );
  if (result.aborted) return failed("agent.interrupted", `restic was stopped before it could ${toDo}`);
  switch (result.exitCode) {
    case RESTIC_EXIT.noRepository:
      return failed("repository.absent", "there is no restic repository at its location");
    case RESTIC_EXIT.locked:
      return failed("repository.locked", `restic could not ${toDo}: another run holds the repository's lock`);
    case RESTIC_EXIT.wrongPassword:
      return failed("repository.wrong-password", "its password is not the one that the policy names");
  }
  // The same exit status as of a storage that does not answer.
  if (/repository contains errors/.test(detail))
    return failed("repository.damaged", "restic finds the repository damaged");
  const misfit = /config or key (\S+) is damaged/.exec(detail)?.[1];
  if (misfit !== undefined)
    return failed(
      "repository.made-twice",
      `its config does not fit its key ${misfit}: two made it at the same moment, or it is damaged`,
    );
  if (/repository already contains keys/.test(detail))
    return failed(
      "repository.half-made",
      "it has a key and no config: its init was ended half-way, or the config is lost",
    );
  const how = result.signal === null ? "" : ` (ended by ${result.signal})`;
  return failed(otherwise, `restic could not ${toDo}${how}`);
}

/** A bucket that is not there: restic takes it for a hitch of the storage, and retries for 15 minutes. */
export function saysNoBucket(stderr: string): boolean {
  return /bucket does not exist|NoSuchBucket/i.test(stderr);
}
