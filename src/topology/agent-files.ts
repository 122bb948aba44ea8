import { createHash } from "node:crypto";
import { Failure } from "../errors.ts";
import type { RepositoryPolicy } from "../model/policy.ts";

/** Reads a file of the checkout; null when there is none. */
export type ReadText = (path: string) => string | null;

/** A file of the user's that an agent needs. */
export interface UploadedFile {
  /** In the checkout. */
  readonly path: string;
  /** In the container. */
  readonly inContainer: string;
}

/** Where a repository's CA certificate and known hosts are in the agent's container. */
export const caInContainer = (repository: string) => `/etc/kamal-backup/ca/${repository}.pem`;
export const knownHostsInContainer = (repository: string) => `/etc/kamal-backup/known_hosts/${repository}`;

/** What an agent needs of the checkout to use the repository. */
export function filesOf({ name, ca, ssh }: RepositoryPolicy): UploadedFile[] {
  return [
    ...(ca === null ? [] : [{ path: ca, inContainer: caInContainer(name) }]),
    ...(ssh === null ? [] : [{ path: ssh.knownHosts, inContainer: knownHostsInContainer(name) }]),
  ];
}

/**
 * Hash of the files' texts, 16 hexadecimal digits: what is uploaded is read when the container starts.
 * @throws Failure `topology.no-file`.
 */
export function hashOfFiles(files: readonly UploadedFile[], readText: ReadText): string {
  const hash = createHash("sha256");
  for (const { path } of files) {
    const text = readText(path);
    if (text === null) {
      throw new Failure("topology.no-file", `the policy names the file ${path}, which is not there`, {
        where: path,
      });
    }
    hash.update(`${path}\0${text}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}
