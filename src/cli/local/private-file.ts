import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../../errors.ts";

/** A file that nobody else reads, written as it comes. */
export interface PrivateFile {
  readonly path: string;
  readonly write: (chunk: Buffer) => void;
  /** Ends writing; the first error of writing is thrown here. */
  close(): void;
}

/** A new file of mode 0600; what is there under that name is replaced. Failure `files.unwritable`. */
export function privateFile(path: string): PrivateFile {
  rmSync(path, { force: true });
  const file = attempt(path, () => openSync(path, "wx", 0o600));
  let fault: Failure | null = null;
  return {
    path,
    write(chunk) {
      if (fault !== null) return;
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
      } catch (error) {
        fault = unwritable(path, error);
      }
    },
    close() {
      closeSync(file);
      if (fault !== null) throw fault;
    },
  };
}

/** What `work` gives, with a directory that nobody else reads and that is gone afterwards. */
export async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = attempt(tmpdir(), () => mkdtempSync(join(tmpdir(), "kamal-backup-")));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes a file whole or not at all: under another name beside it first. */
export async function writeWhole(
  path: string,
  fill: (write: PrivateFile["write"]) => Promise<boolean>,
): Promise<void> {
  const beside = privateFile(join(dirname(path), `.${process.pid}.kamal-backup-partial`));
  try {
    const isWhole = await fill(beside.write);
    beside.close();
    if (isWhole) attempt(path, () => renameSync(beside.path, path));
  } finally {
    rmSync(beside.path, { force: true });
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): Failure {
  return new Failure("files.unwritable", `cannot write ${path}: ${(error as Error).message}`, {
    where: path,
    cause: error,
  });
}
