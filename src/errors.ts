/**
 * Every failure that a user can meet: its exit status and what to do about it. docs/errors.md is generated from this
 * table. Exit statuses: 1 an error, 3 something could not be observed.
 */
export const ERRORS = {
  "policy.missing": { exit: 1, todo: "Write a backup-policy.yml, or name yours with --policy FILE." },
  "policy.invalid": { exit: 1, todo: "Correct the lines shown; docs/policy.md describes every key." },
  "topology.no-accessory": {
    exit: 1,
    todo: "Name an accessory of deploy.yml, or add it there and boot it with kamal accessory boot.",
  },
  "topology.several-hosts": {
    exit: 1,
    todo: "Declare one accessory per database node: Kamal stops every host of an accessory at once.",
  },
  "topology.no-primary-address": {
    exit: 1,
    todo: "Publish the primary on its private address: port: 10.0.1.2:5432:5432.",
  },
  "topology.no-credentials": {
    exit: 1,
    todo: "Add replication: { user: ..., password: { secret: ... } } to the database.",
  },
  "topology.unportable-secret": { exit: 1, todo: "Choose a value of letters, digits and -_.~+/=@%^ only." },
  "kamal.missing": {
    exit: 1,
    todo: "Install Kamal 2 (gem install kamal), so that `kamal version` works in this shell.",
  },
  "kamal.failed": {
    exit: 1,
    todo: "Correct what Kamal complains about; running the command by itself shows the same.",
  },
  "kamal.interrupted": { exit: 1, todo: "Run plan to see what was left undone, then apply again." },
  "kamal.unreadable": { exit: 1, todo: "Compare `kamal version` with the versions that the README names." },
  "kamal.locked": {
    exit: 1,
    todo: "Wait for the other deploy, or wait here with --lock-timeout SECONDS; `kamal lock release` removes a stale lock.",
  },
  "secrets.unreadable": { exit: 1, todo: "Run `kamal secrets print` by itself and correct .kamal/secrets." },
  "secrets.undefined": {
    exit: 1,
    todo: "Define it in .kamal/secrets; one whose $(command) prints nothing counts as undefined.",
  },
  "manifest.refused": { exit: 1, todo: "Make the change shown in deploy.yml by hand." },
  "manifest.command": {
    exit: 1,
    todo: "Write the accessory's cmd as `postgres -c name=value ...`, without shell expansions.",
  },
  "host.unreachable": {
    exit: 1,
    todo: "Check the host's address, its network and its sshd, then run the command again.",
  },
  "host.auth-failed": {
    exit: 1,
    todo: "Check ssh.user, ssh.keys and your SSH agent: Kamal connects with the same ones.",
  },
  "host.key-unknown": {
    exit: 1,
    todo: "Compare the fingerprint with the host's own, then add the key to known_hosts, or pass --accept-new-host-keys.",
  },
  "host.key-changed": {
    exit: 1,
    todo: "If the host was really rebuilt, remove its old key with ssh-keygen -R; if not, somebody may be in between.",
  },
  "host.key-revoked": {
    exit: 1,
    todo: "The key is marked @revoked in known_hosts: give the host a new one, and do not connect before.",
  },
  "host.known-hosts": {
    exit: 1,
    todo: "Make the known_hosts file writable, or add the host's key to it by hand.",
  },
  "host.ssh-config": {
    exit: 1,
    todo: "Correct the SSH configuration, or choose another file with ssh.config in deploy.yml.",
  },
  "host.timeout": {
    exit: 1,
    todo: "Look at the host's load and at what the command waits for, then run the command again.",
  },
  "host.interrupted": {
    exit: 1,
    todo: "Run the command again: it observes first and carries on from what it finds.",
  },
  "docker.failed": {
    exit: 1,
    todo: "Read docker's message; docker must run on the host and the SSH user must be allowed to use it.",
  },
  "sql.failed": { exit: 1, todo: "Read the server's message, and the container's log on the host." },
  "files.unreadable": { exit: 1, todo: "Check that the file is there and that you may read it." },
  "files.unwritable": { exit: 1, todo: "Check that you may write there and that the disk is not full." },
  "files.changed": { exit: 1, todo: "Run apply again: it plans from what the file says now." },
  "cli.usage": { exit: 1, todo: "Run the command with --help." },
  "plan.no-such-resource": { exit: 1, todo: "Name one of the resources shown." },
  "apply.no-terminal": {
    exit: 1,
    todo: "Review with kamal-backup plan, then run apply with --auto-approve.",
  },
  "apply.not-approved": { exit: 1, todo: "Nothing was changed. Type yes, or pass --auto-approve, to apply." },
  "apply.not-allowed": {
    exit: 1,
    todo: "Nothing was changed. Allow it with the flag shown, when the interruption suits you.",
  },
  "apply.wait-failed": {
    exit: 1,
    todo: "Read the end of the container's log; correct the cause, then apply again.",
  },
  "apply.unsettled": {
    exit: 1,
    todo: "Run kamal-backup plan --commands to see what still differs, and apply again.",
  },
  "internal.bug": {
    exit: 1,
    todo: "This is a fault of kamal-backup: please report it with the command and this message.",
  },
} as const satisfies Record<string, { exit: 1 | 3; todo: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FailureOptions {
  /** Where it happened: `backup-policy.yml:12:5`, `host 10.0.1.2`, a command. */
  readonly where?: string;
  /** What to do, when it is more than the table says. */
  readonly todo?: string;
  /** Lines that help: redacted output of a program, a snippet to paste. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The only error that is thrown on purpose: what happened, where, and what to do. Never holds a secret. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly todo: string;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, what: string, options: FailureOptions = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where;
    this.todo = options.todo ?? ERRORS[code].todo;
    this.detail = options.detail;
  }

  get exit(): 1 | 3 {
    return ERRORS[this.code].exit;
  }
}
