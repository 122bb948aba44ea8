import type { Diagnostic } from "../diagnostic.ts";
import type { PolicySource } from "../source.ts";

/**
 * A destination's snapshots are its own: with an `app` of the base file, each destination would restore and forget the
 * others' backups.
 */
export function appIsOfDestination(source: PolicySource, destination: string | null): readonly Diagnostic[] {
  if (destination === null || source.document.app === undefined) return [];
  const found = source.error([source.document, "app"], "every destination would have the same backups", {
    expected: `\`app\` in the policy's file of the destination ${destination}, or none`,
  });
  return found.file === source.files[0]?.path ? [found] : [];
}
