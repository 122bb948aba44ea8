import type { Change } from "../../src/model/change.ts";
import type { Plan } from "../../src/model/plan.ts";

function change(partial: Partial<Change> & Pick<Change, "id" | "action">): Change {
  return {
    kind: partial.id.split(":")[0] as string,
    cause: null,
    reason: "",
    impact: "none",
    interrupts: "",
    fields: [],
    steps: [],
    rollback: [],
    after: [],
    warnings: [],
    fingerprint: "0".repeat(64),
    ...partial,
  };
}

function plan(changes: readonly Change[], rest: Partial<Plan> = {}): Plan {
  return {
    format_version: "1",
    kamal_backup_version: "0.1.0",
    service: "teamyap",
    destination: null,
    policy_hash: "a".repeat(64),
    deploy_hash: "b".repeat(64),
    changes,
    ...rest,
  };
}

const BEFORE = `service: teamyap
accessories:
  db:
    image: postgres:17
    host: 10.0.1.2
    port: 10.0.1.2:5432:5432
    directories:
      - data:/var/lib/postgresql/data
`;

/** Plans as data, one for each situation that a report has words for. */
export const PLANS: Readonly<Record<string, Plan>> = {
  "nothing to change": plan([change({ id: "container:db", action: "none" })]),
  "a first replica": plan([
    change({
      id: "manifest:db",
      action: "update",
      cause: "policy",
      reason: "deploy.yml starts db without the settings that replication needs",
      text: {
        path: "config/deploy.yml",
        before: BEFORE,
        after: BEFORE.replace("    host", "    cmd: postgres -c max_wal_senders=5\n    host"),
      },
      steps: [{ run: "edit", path: "config/deploy.yml", before: BEFORE, after: `${BEFORE}#\n` }],
    }),
    change({
      id: "container:db",
      action: "replace",
      cause: "policy",
      reason: "the container was started without the new settings",
      impact: "recreate",
      interrupts: "db stops and starts: about 5 s without the database",
      fields: [{ field: "cmd", before: "postgres", after: "postgres -c max_wal_senders=5" }],
      steps: [
        { run: "kamal", argv: ["accessory", "reboot", "db"] },
        {
          run: "wait",
          host: "10.0.1.2",
          container: "teamyap-db",
          until: "ready",
          what: "db answers",
          timeoutSeconds: 120,
        },
      ],
      rollback: [{ run: "undo-edits" }, { run: "kamal", argv: ["accessory", "reboot", "db"] }],
      after: ["manifest:db"],
    }),
    change({
      id: "manifest:config/kamal-backup/replica-entry.sh",
      action: "create",
      cause: "policy",
      reason: "the replica's container starts with this script",
      text: { path: "config/kamal-backup/replica-entry.sh", before: "", after: "say\n".repeat(30) },
    }),
    change({
      id: "role:db",
      action: "create",
      cause: "policy",
      reason: "replicas have no role to connect with",
      fields: [
        { field: "login", before: null, after: "replicator" },
        { field: "password", before: null, after: "secret REPLICATION_PASSWORD" },
      ],
      steps: [
        {
          run: "sql",
          host: "10.0.1.2",
          container: "teamyap-db",
          statement: "BEGIN;\nCREATE ROLE :\"user\" PASSWORD :'verifier';\nCOMMIT;",
          params: { user: "replicator", verifier: { scramOf: { secret: "REPLICATION_PASSWORD" } } },
        },
      ],
      after: ["container:db"],
    }),
    change({
      id: "hba:db",
      action: "update",
      reason: "db's container is being replaced; seen once container:db is done",
      settledBy: "container:db",
      after: ["container:db"],
    }),
  ]),
  "an agent and late backups": plan([
    change({
      id: "manifest:config/kamal-backup/agent-10.0.1.2.json",
      action: "update",
      cause: "policy",
      reason: "the policy asks for it: what the agent on 10.0.1.2 is told",
      text: {
        path: "config/kamal-backup/agent-10.0.1.2.json",
        before: '{\n  "retention": {\n    "daily": 7\n  }\n}\n',
        after: '{\n  "retention": {\n    "daily": 14\n  }\n}\n',
      },
      steps: [{ run: "edit", path: "config/kamal-backup/agent-10.0.1.2.json", before: "", after: "" }],
    }),
    change({
      id: "container:backup-10-0-1-2",
      action: "replace",
      cause: "policy",
      reason:
        "teamyap-backup-10-0-1-2 runs with other labels than deploy.yml is to say; a job that runs ends first",
      fields: [{ field: "labels", before: "kamal-backup.policy=a1", after: "kamal-backup.policy=b2" }],
      steps: [
        { run: "kamal", argv: ["accessory", "reboot", "backup-10-0-1-2"] },
        {
          run: "wait",
          host: "10.0.1.2",
          container: "teamyap-backup-10-0-1-2",
          until: { argv: ["sh", "-c", "kamal-backup status"] },
          what: "backup-10-0-1-2 schedules",
          timeoutSeconds: 120,
        },
      ],
      after: ["manifest:config/kamal-backup/agent-10.0.1.2.json"],
    }),
    change({
      id: "repository:offsite@10.0.1.2",
      action: "create",
      cause: "policy",
      reason: "there is no repository at s3:https://s3.example.com/b yet",
      fields: [{ field: "repository", before: null, after: "s3:https://s3.example.com/b" }],
      steps: [
        {
          run: "docker",
          host: "10.0.1.2",
          argv: ["exec", "teamyap-backup-10-0-1-2", "kamal-backup", "init", "offsite"],
        },
      ],
    }),
    change({
      id: "freshness:db/backup",
      action: "none",
      warnings: [
        "the backup of db is overdue since 2026-01-04T03:15:00.000Z: the last good one is of 2026-01-03T02:15:00.000Z",
      ],
    }),
  ]),
  "tables that are gone": plan([
    change({
      id: "freshness:db/backup",
      action: "none",
      notices: [
        "the backup of db: database teamyap: gone since run 2026-01-04T02:15:00Z are tables that had rows: public.orders (1234). That run has them until retention forgets it",
      ],
    }),
  ]),
  "drift and what cannot be seen": plan(
    [
      change({
        id: "hba:db",
        action: "update",
        cause: "drift",
        reason: "a rule of the managed block was removed",
        impact: "reload",
        fields: [{ field: "host replication replicator 10.0.1.3/32", before: null, after: "scram-sha-256" }],
        warnings: [
          "line 3, which is not ours, admits all users without a password: host all all 0.0.0.0/0 trust",
        ],
        steps: [
          {
            run: "docker",
            host: "10.0.1.2",
            argv: ["exec", "-i", "teamyap-db", "sh", "-c", "cat > pg_hba.conf"],
            stdin: ["host replication ", { secret: "REPLICATION_USER" }, " 10.0.1.3/32 scram-sha-256"],
          },
        ],
      }),
      change({
        id: "container:db-replica",
        action: "blocked",
        unknown: true,
        reason: "10.0.1.3 could not be reached: connect ETIMEDOUT. Check that the host is up",
      }),
      change({
        id: "replica:db-replica",
        action: "blocked",
        unknown: true,
        reason: "10.0.1.3 could not be reached: connect ETIMEDOUT. Check that the host is up",
      }),
      change({
        id: "slot:db/db_replica",
        action: "blocked",
        cause: "both",
        reason: "the slot is gone; waits for container:db-replica, which is blocked",
        fields: [{ field: "slot", before: "physical", after: null }],
      }),
      change({
        id: "slot:db/old",
        action: "delete",
        cause: "policy",
        reason: "no replica uses it",
        impact: "data",
        steps: [],
      }),
      change({
        id: "replica:db-replica",
        action: "none",
        warnings: ["lags 95 s behind db; max_lag is 30 s"],
      }),
    ],
    { destination: "staging" },
  ),
};
