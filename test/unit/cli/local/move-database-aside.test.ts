import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { moveDatabaseAside } from "../../../../src/cli/local/move-database-aside.ts";
import { runRestoreLocal } from "../../../../src/cli/local/run-restore-local.ts";
import type { Session } from "../../../../src/cli/session.ts";
import type { ExecOptions } from "../../../../src/hosts/exec.ts";
import { buildTopology } from "../../../../src/topology/build.ts";
import { DEFAULTS } from "../../../cases/support/case.ts";
import { kamalConfig } from "../../../cases/support/kamal-config.ts";
import { policyOf } from "../../../cases/support/policy-text.ts";

const NOW = new Date("2026-01-05T12:34:56.789Z");
const SUFFIX = ".before-20260105T123456Z";
const OLD = ["old 1", "old 2"];
const RESTORED = ["restored"];

const POLICY = `
version: 1
repositories:
  nas: { restic: /srv/backups, password: { secret: RESTIC_PASSWORD } }
databases:
  queue: { engine: sqlite, host: h, path: /srv/queue.sqlite3, backup: { schedule: "@daily", repository: nas } }
agent: { image: agent }
`;

const newPath = () => join(mkdtempSync(join(tmpdir(), "kamal-backup-local-")), "queue.sqlite3");

/** What has a new database open: in WAL mode, with committed rows that no checkpoint has brought into the file. */
function openApp(path: string, rows: readonly string[]): DatabaseSync {
  const app = new DatabaseSync(path);
  app.exec("pragma journal_mode = wal; create table t (v text); pragma wal_checkpoint(truncate)");
  app.exec("pragma wal_autocheckpoint = 0");
  for (const row of rows) app.prepare("insert into t values (?)").run(row);
  return app;
}

function rowsOf(path: string): unknown[] {
  const database = new DatabaseSync(path);
  try {
    return database
      .prepare("select v from t")
      .all()
      .map(({ v }) => v);
  } finally {
    database.close();
  }
}

/** The one file that a backup has. */
function backupOf(rows: readonly string[]): Buffer {
  const path = newPath();
  openApp(path, rows).close();
  return readFileSync(path);
}

/** A checkout whose agent sends this as the newest backup. */
function sessionWith(backup: Buffer): Session {
  const topology = buildTopology(policyOf(POLICY), kamalConfig(DEFAULTS), () => null);
  const exec = (_host: string, _argv: readonly string[], { onStdout, onStderr }: ExecOptions) => {
    onStderr?.(Buffer.from("kamal-backup-in-container 1\n"));
    onStdout?.(backup);
    return Promise.resolve({ code: 0, stdout: "", stderr: "" });
  };
  return { topology: () => topology, hosts: { exec } } as unknown as Session;
}

/** Its exit status, and what it said. */
async function restore(to: string, replace: boolean): Promise<{ exit: number; said: string }> {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const request = { name: "queue", selector: undefined, to, database: undefined, replace };
  try {
    const exit = await runRestoreLocal(sessionWith(backupOf(RESTORED)), request);
    return { exit, said: stderr.mock.calls.join("") };
  } finally {
    stderr.mockRestore();
  }
}

describe("restore local of a SQLite database", () => {
  test("over one that is open, with rows in its WAL: both are whole", async () => {
    const path = newPath();
    const app = openApp(path, OLD);
    const { exit, said } = await restore(path, true);
    expect(exit).toBe(0);
    expect(rowsOf(path)).toEqual(RESTORED);
    const aside = /What was there is now (.*?), (.*?)-wal, \2-shm\. Restart what has the database open/.exec(
      said,
    );
    expect(aside?.[1]).toMatch(/queue\.sqlite3\.before-\d{8}T\d{6}Z$/);
    expect(aside?.[2]).toBe(aside?.[1]);
    expect(rowsOf(aside?.[1] as string)).toEqual(OLD);
    app.exec("insert into t values ('late')");
    app.close();
    expect(rowsOf(aside?.[1] as string)).toEqual([...OLD, "late"]);
    expect(rowsOf(path)).toEqual(RESTORED);
  });

  test.each(["-wal", "-shm", "-journal"])(
    "beside a stray %s is a failure, and with --replace none of it",
    async (side) => {
      const path = newPath();
      writeFileSync(path + side, "stray");
      await expect(restore(path, false)).rejects.toMatchObject({
        code: "local.not-empty",
        where: path + side,
      });
      const { said } = await restore(path, true);
      expect(rowsOf(path)).toEqual(RESTORED);
      const [aside] = readdirSync(join(path, "..")).filter((name) => name.includes(".before-"));
      expect(aside).toMatch(new RegExp(`Z${side}$`));
      expect(said).toContain(`What was there is now ${join(path, "..", aside as string)}. Restart`);
    },
  );

  test("to a free place says nothing of a restart", async () => {
    const path = newPath();
    expect(await restore(path, false)).toEqual({ exit: 0, said: `Restored queue to ${path}.\n` });
  });
});

describe("a SQLite database that is moved aside", () => {
  test("has the stray WAL of the old name, were it left, in what takes its place", () => {
    // What all of this is for: SQLite asks a WAL for no proof that it belongs to the file.
    const path = newPath();
    const app = openApp(path, OLD);
    const wal = readFileSync(`${path}-wal`);
    app.close();
    writeFileSync(path, backupOf(RESTORED));
    writeFileSync(`${path}-wal`, wal);
    expect(rowsOf(path)).toEqual(OLD);
  });

  test("is where it was, and whole, when it cannot get its new name", () => {
    const path = newPath();
    const app = openApp(path, OLD);
    mkdirSync(path + SUFFIX);
    expect(() => moveDatabaseAside(path, true, NOW)).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(existsSync(`${path}-wal`)).toBe(true);
    expect(rowsOf(path)).toEqual(OLD);
    const later = moveDatabaseAside(path, true, new Date(NOW.getTime() + 1000));
    expect(later.map((name) => name.slice(path.length))).toEqual(
      ["", "-wal", "-shm"].map((suffix) => `.before-20260105T123457Z${suffix}`),
    );
    expect(rowsOf(later[0] as string)).toEqual(OLD);
    app.close();
  });

  test("is not touched where a side file's new name is taken", () => {
    const path = newPath();
    const app = openApp(path, OLD);
    writeFileSync(`${path}${SUFFIX}-wal`, "somebody's");
    expect(() => moveDatabaseAside(path, true, NOW)).toThrow(
      expect.objectContaining({ code: "files.unwritable" }),
    );
    expect(rowsOf(path)).toEqual(OLD);
    expect(readFileSync(`${path}${SUFFIX}-wal`, "utf8")).toBe("somebody's");
    app.close();
  });
});
