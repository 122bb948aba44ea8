/** A repository as restic is told of it. Secrets are in `password` and `env` only, which never reach an argv. */
export interface ResticAccess {
  readonly location: string;
  readonly password: string;
  /** Credentials and options of the storage: AWS_ACCESS_KEY_ID. */
  readonly env: Readonly<Record<string, string>>;
  /** `-o` options, `name=value`. */
  readonly options: readonly string[];
  /** Path of a CA certificate (PEM); null: the system's. */
  readonly ca: string | null;
  readonly cacheDirectory: string;
  /** For `sftp:` only: paths of a private key and of a known_hosts; null: ssh's own ways. */
  readonly ssh: { readonly keyFile: string; readonly knownHosts: string } | null;
}

/** The environment of every restic command. restic's children have it too: a producer of a backup has to shed it. */
export function resticEnvironment(access: ResticAccess): Record<string, string> {
  return {
    ...access.env,
    RESTIC_REPOSITORY: access.location,
    RESTIC_PASSWORD: access.password,
    RESTIC_PROGRESS_FPS: "2",
  };
}

/**
 * What stands before every command. restic retries a storage that does not answer for 15 minutes (measured with 0.19;
 * there is no option for it), so callers that cannot wait that long bound the run; a request that stands still ends
 * after a minute instead of five.
 */
export function globalArgv(access: ResticAccess): string[] {
  const argv = ["--json", "--cache-dir", access.cacheDirectory, "--stuck-request-timeout", "1m"];
  if (access.ca !== null) argv.push("--cacert", access.ca);
  for (const option of optionsOf(access)) argv.push("-o", option);
  return argv;
}

/** ssh waits for an address that does not answer as long as TCP does, and restic for its ssh, even when told to stop. */
const SSH_BOUNDS = "-o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4";

const SFTP_ARGS = "sftp.args=";

function optionsOf({ location, options, ssh }: ResticAccess): readonly string[] {
  // restic refuses sftp.args beside sftp.command, and the same option twice; ssh takes the first of two values.
  if (!location.startsWith("sftp:") || options.some((option) => option.startsWith("sftp.command=")))
    return options;
  const own = options
    .filter((option) => option.startsWith(SFTP_ARGS))
    .map((option) => option.slice(SFTP_ARGS.length));
  const args = [...own, ...(ssh === null ? [] : [loginArgs(ssh)]), SSH_BOUNDS].join(" ");
  return [...options.filter((option) => !option.startsWith(SFTP_ARGS)), `${SFTP_ARGS}${args}`];
}

function loginArgs({ keyFile, knownHosts }: { keyFile: string; knownHosts: string }): string {
  return [
    `-i '${keyFile}' -o IdentitiesOnly=yes`,
    `-o 'UserKnownHostsFile=${knownHosts}' -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes`,
  ].join(" ");
}
