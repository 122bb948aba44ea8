import type { Diagnostic } from "../diagnostic.ts";
import type { PolicySource } from "../source.ts";

/** SFTP needs a key and the server's keys; nothing else does. */
export function onlySftpLogsIn(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.repositories ?? {}).flatMap((repository) => {
    const isSftp = repository.restic.startsWith("sftp:");
    const declares = source.declares(repository, "ssh");
    if (isSftp === declares) return [];
    return isSftp
      ? source.error([repository, "restic"], "an SFTP server without a way to log in", {
          expected: "`ssh: { key: { secret: … }, known_hosts: … }` beside it",
        })
      : source.errorAtKey([repository, "ssh"], "`ssh` is for sftp: locations");
  });
}

/** A directory of the host is mounted into the agent, writable: not all of the host. */
export function localPathsAreMountable(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.repositories ?? {})
    .filter(({ restic }) => restic.startsWith("/") && !/^(\/[\w.@%+=,-]+)+\/?$/.test(restic))
    .map((repository) =>
      source.error([repository, "restic"], "this directory cannot be mounted into the agent", {
        expected: "a directory below /, of letters, digits and _.@%+=,- (Kamal quotes no other)",
      }),
    );
}
