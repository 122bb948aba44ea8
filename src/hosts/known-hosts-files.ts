import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../errors.ts";
import { type KnownHost, parseKnownHosts } from "./known-hosts.ts";

/** The entries of all these files, in order; a file that is not there has none. */
export function readKnownHosts(files: readonly string[]): readonly KnownHost[] {
  return files.flatMap((file) => parseKnownHosts(textOf(file), file));
}

/**
 * Adds a line to a known_hosts file, making the directory (0700) and the file (0600) where they are missing. One
 * write in append mode, so that two processes do not tear each other's lines. Throws `host.known-hosts`.
 */
export function appendKnownHost(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const before = textOf(file);
    const newline = before === "" || before.endsWith("\n") ? "" : "\n";
    appendFileSync(file, `${newline}${line}\n`, { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("host.known-hosts", `cannot add a host key: ${(cause as Error).message}`, {
      where: file,
      cause,
    });
  }
}

// A file that exists but cannot be read must not pass for an empty one: it may hold the host's key, or its revocation.
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return "";
    throw new Failure("host.known-hosts", `cannot read ${file}: ${(cause as Error).message}`, {
      where: file,
      todo: "Make the file readable, or name another with UserKnownHostsFile in the SSH configuration.",
      cause,
    });
  }
}
