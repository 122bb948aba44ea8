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
  "topology.no-password": {
    exit: 1,
    todo: "Add the password of the database's superuser to the accessory's env.secret.",
  },
  "topology.clear-password": {
    exit: 1,
    todo: "Move it to .kamal/secrets, and its name from env.clear to env.secret: the agent's policy is a file that you commit.",
  },
  "topology.clear-registry-password": {
    exit: 1,
    todo: "Name it as a secret, password: [NAME], and give NAME a value in .kamal/secrets, which can be a command: NAME=$(aws ecr get-login-password).",
  },
  "topology.networks": {
    exit: 1,
    todo: "Give the accessories of a host one docker network: the agent is in it too.",
  },
  "topology.same-name": { exit: 1, todo: "Give the host, or the accessory, another name in deploy.yml." },
  "topology.no-file": { exit: 1, todo: "Put the file there, or correct its path in the policy." },
  "topology.unportable-secret": {
    exit: 1,
    todo: "Choose a value without backslashes, tabs and line breaks. Where it is the password of a repository that has backups, give the repository the new one first: restic key passwd.",
  },
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
    todo: "Wait for the other deploy, or wait here with --lock-timeout SECONDS; `kamal lock release` (with your -d NAME) removes a stale lock: ask who is named first.",
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
  "agent.missing": {
    exit: 1,
    todo: "Run kamal-backup plan: it says what is missing, and apply puts it in place.",
  },
  "restore.no-terminal": {
    exit: 1,
    todo: "Nothing was changed. Pass --confirm NAME: the database's name, or that of the files.",
  },
  "agent.no-such-target": { exit: 1, todo: "Name one of those shown." },
  "local.program-missing": { exit: 1, todo: "Install the program, so that this shell finds it." },
  "local.not-empty": {
    exit: 1,
    todo: "Name an empty or new place, or pass --replace; a database is replaced then, and files are moved aside.",
  },
  "local.failed": {
    exit: 1,
    todo: "Read the program's message. Nothing is left of what was restored half; of MySQL and MariaDB, nor of what --replace dropped.",
  },
  "local.client-too-old": {
    exit: 1,
    todo: "Nothing was changed. Install the client of the dump's version, or take the backup as SQL with dump --plain.",
  },
  "plan.no-such-resource": { exit: 1, todo: "Name one of the resources shown." },
  "apply.no-terminal": {
    exit: 1,
    todo: "Review with kamal-backup plan, then run apply with --auto-approve.",
  },
  "apply.not-approved": { exit: 1, todo: "Nothing was changed. Type yes, or pass --auto-approve, to apply." },
  "apply.not-allowed": {
    exit: 1,
    todo: "What is refused was not begun. Allow it with the flag shown, when the interruption suits you.",
  },
  "apply.wait-failed": {
    exit: 1,
    todo: "Read the end of the container's log; correct the cause, then apply again.",
  },
  "apply.unsettled": {
    exit: 1,
    todo: "Run kamal-backup plan --commands to see what still differs, and apply again.",
  },
  "engine.unreachable": {
    exit: 1,
    todo: "Check that the server runs and that the agent is in its docker network, then run the command again.",
  },
  "engine.refused": {
    exit: 1,
    todo: "Compare the user and the password with the ones that the server has, and its pg_hba.conf.",
  },
  "engine.database-missing": { exit: 1, todo: "Create the database, or name one that is there." },
  "engine.client-too-old": {
    exit: 1,
    todo: "Use the agent's image of the server's major version, or of a newer one.",
  },
  "engine.program-missing": {
    exit: 1,
    todo: "Use the agent's own image: it has the client and the server of its major version.",
  },
  "engine.failed": { exit: 1, todo: "Read the server's message, and the server's log." },
  "dump.unreadable": {
    exit: 1,
    todo: "Do not count on this backup: run check on its repository, and take a new one.",
  },
  "restore.failed": {
    exit: 1,
    todo: "No database was changed; of files, the paths that were reported as restored are, and what was there is kept. Read the message; correct the cause, or choose another backup.",
  },
  "restore.roles-missing": {
    exit: 1,
    todo: "Create these roles (CREATE ROLE), or restore a backup that has its globals; nothing was changed.",
  },
  "restore.swap-refused": {
    exit: 1,
    todo: "Production is as it was. The restored database stays beside it until --drop-previous. The message names what is in the way: ask whose it is before you end it (a slot that is dropped and a prepared transaction that is rolled back are lost), then run the restore again.",
  },
  "restore.table-refused": {
    exit: 1,
    todo: "The live table is as it was. A restored one in a schema restored_<time> stays until --drop-previous: compare them, and copy by hand what you need.",
  },
  "drill.extension-missing": {
    exit: 1,
    todo: "Install the extension's package in an image built on the agent's, and use that one.",
  },
  "drill.no-server": {
    exit: 1,
    todo: "Build the agent's image with MariaDB's server (mariadb-server-core), or take the drill out of the policy.",
  },
  "drill.no-room": {
    exit: 1,
    todo: "This says nothing of the backup. Give the agent's scratch directory more room (docs/agent.md, Room), then drill again.",
  },
  "drill.other-server": {
    exit: 1,
    todo: "The backup may be whole: restore it on a server of its own kind to know, or give the agent's image one (docs/agent.md).",
  },
  "drill.start-failed": {
    exit: 1,
    todo: "Read the server's message; the scratch directory needs room, and a path below 80 characters.",
  },
  "agent.busy": {
    exit: 1,
    todo: "Wait until what is named has ended, then run it again.",
  },
  "agent.environment": {
    exit: 1,
    todo: "Boot the agent through Kamal, which sets its environment: kamal accessory reboot NAME.",
  },
  "agent.interrupted": {
    exit: 1,
    todo: "Run it again: what had begun was stopped. Of files, the paths that were reported as restored are in use.",
  },
  "agent.no-lock": {
    exit: 1,
    todo: "Check that the state and scratch directories are writable, that their disks are not full, and that their file systems have file locks: a local one does.",
  },
  "agent.policy-missing": {
    exit: 1,
    todo: "Run kamal-backup apply: it writes the agent's policy, which Kamal uploads when it boots the agent.",
  },
  "agent.policy-invalid": {
    exit: 1,
    todo: "Run kamal-backup apply with the version of kamal-backup that the agent's image has.",
  },
  "agent.scheduling": {
    exit: 1,
    todo: "It runs in this container (`kamal-backup status` shows since when) or in another one of the agent: one is enough.",
  },
  "ledger.unwritable": {
    exit: 1,
    todo: "Check that the state directory is writable and that its disk is not full.",
  },
  "repository.absent": {
    exit: 1,
    todo: "Check the location and what is mounted there. Where there never was one, kamal-backup apply makes it.",
  },
  "repository.lost": {
    exit: 1,
    todo: "It held backups: mount it again or correct the location. To begin a new one knowingly, give it another name in the policy.",
  },
  "repository.other": {
    exit: 1,
    todo: "Correct the location. To go on with this repository knowingly, give it another name in the policy.",
  },
  "repository.wrong-password": {
    exit: 1,
    todo: "Correct the secret that the policy names as its password; restic cannot open a repository without it.",
  },
  "repository.unreachable": {
    exit: 1,
    todo: "Check the storage, its credentials and the network of the agent, then run the command again.",
  },
  "repository.locked": {
    exit: 1,
    todo: "Wait for the other run. `kamal-backup unlock` removes locks whose run is dead; one of another host counts as dead after 30 minutes.",
  },
  "repository.damaged": {
    exit: 1,
    todo: "Copy the repository as it is, then follow restic's manual, Troubleshooting; take a backup into a new repository now.",
  },
  "repository.made-twice": {
    exit: 1,
    todo: "With the storage's own tools, move the key that is named out of the repository's directory `keys`: it opens then by the other one. If it does not, put the key back; the config is damaged.",
  },
  "repository.half-made": {
    exit: 1,
    todo: "Look at it with the storage's own tools. Are its directories data and snapshots empty, delete it and run kamal-backup apply again; if not, copy it as it is and follow restic's manual, Troubleshooting.",
  },
  "repository.failed": { exit: 1, todo: "Read restic's message, and correct the cause." },
  "repository.program-missing": { exit: 1, todo: "Use the agent's own image: it has restic." },
  "repository.not-ours": {
    exit: 1,
    todo: "Nothing was forgotten. Name snapshots that `kamal-backup list` shows.",
  },
  "repository.no-such-run": { exit: 1, todo: "Name one that `kamal-backup list` shows." },
  "backup.failed": {
    exit: 1,
    todo: "No backup was made. Read the message, correct the cause, and back up again.",
  },
  "backup.empty": {
    exit: 1,
    todo: "Nothing was stored. Look at what happened to the data; where it is as it should be, back up with --accept-smaller.",
  },
  "backup.shrunk": {
    exit: 1,
    todo: "Nothing was kept. Look at what happened to the data; where it is as it should be, back up with --accept-smaller.",
  },
  "backup.half-restored": {
    exit: 1,
    todo: "Nothing was stored. Correct the cause, then back up again: that brings the restore to its end first.",
  },
  "backup.no-room": { exit: 1, todo: "Free space on the file system of the agent's scratch directory." },
  "facts.unreadable": {
    exit: 1,
    todo: "Run check on the repository; choose another backup, or restore with the version that made this one.",
  },
  "restore.not-confirmed": {
    exit: 1,
    todo: "Nothing was changed. Type the name shown, or pass it with --confirm, to restore in production.",
  },
  "restore.no-such-database": { exit: 1, todo: "Name one of those shown with --database." },
  "restore.no-such-path": {
    exit: 1,
    todo: "Name a label of the policy's paths, or what is below one of them.",
  },
  "restore.no-such-table": { exit: 1, todo: "Name a table of the backup as schema.table." },
  "restore.no-room": {
    exit: 1,
    todo: "Nothing was changed. Free space on that disk. --drop-previous would remove what earlier restores kept, which is production as it was before them: only when nobody needs it any more.",
  },
  "restore.unfinished": {
    exit: 1,
    todo: "Nothing was removed: what was kept may be all there is of live files. Run the restore again, which goes on where it stopped; then --drop-previous.",
  },
  "restore.differs": {
    exit: 1,
    todo: "Nothing in production was changed. Choose another backup, and look into how this one was made.",
  },
  "restore.not-possible": {
    exit: 1,
    todo: "Leave out what this kind of database cannot do; nothing was changed.",
  },
  "drill.failed": {
    exit: 1,
    todo: "Do not count on this backup before the cause is known; `kamal-backup list` shows the others.",
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
