import { globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import SSHConfig, { type Line } from "ssh-config";
import { Failure } from "../errors.ts";
import { matchesPatternList } from "./patterns.ts";

/** What OpenSSH configuration files say of a host: the part that is followed here (ssh_config(5)). */
export interface SshSettings {
  /** Lower-case keyword -> its first value, as OpenSSH takes the first. `%` tokens are not yet replaced. */
  readonly value: Readonly<Record<string, string>>;
  /** Every IdentityFile that applies, in order. */
  readonly identityFiles: readonly string[];
}

const MAX_INCLUDES = 16;

/**
 * Reads the files for a host as deploy.yml names it. A missing file says nothing. `Match` blocks apply for `all`,
 * `host` and `originalhost`, as with net-ssh, which Kamal connects with; nothing is ever executed. Throws
 * `host.ssh-config` for a file that is not understood.
 */
export function sshSettings(files: readonly string[], host: string, home: string): SshSettings {
  const value: Record<string, string> = {};
  const identityFiles: string[] = [];

  const visit = (lines: readonly Line[], directory: string, depth: number): void => {
    for (const line of lines) {
      if (!("param" in line)) continue;
      const keyword = line.param.toLowerCase();
      if (keyword === "host") {
        if ("config" in line && matchesPatternList(words(line.value), host))
          visit(line.config, directory, depth);
      } else if (keyword === "match") {
        if ("criteria" in line && matchApplies(line.criteria, host)) visit(line.config, directory, depth);
      } else if (keyword === "include") {
        for (const pattern of words(line.value)) {
          const path = resolve(directory, expandHome(pattern, home));
          for (const file of globSync(path).sort()) read(file, directory, depth + 1);
        }
      } else if (keyword === "identityfile") identityFiles.push(text(line.value));
      else value[keyword] ??= text(line.value);
    }
  };

  const read = (file: string, directory: string, depth: number): void => {
    if (depth > MAX_INCLUDES)
      throw new Failure("host.ssh-config", "Include is nested too deeply", { where: file });
    visit(parse(file), directory, depth);
  };

  for (const file of files) read(file, dirname(file), 0);
  return { value, identityFiles };
}

/** `~` and `~/...` as the path in the home directory. */
export function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
}

/** The words of a value that may name several files; `none` is no file. */
export function fileWords(value: string): readonly string[] {
  if (value.toLowerCase() === "none") return [];
  return [...value.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2] ?? "");
}

function parse(file: string): readonly Line[] {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Failure("host.ssh-config", `cannot be read: ${(cause as Error).message}`, {
      where: file,
      cause,
    });
  }
  try {
    return SSHConfig.parse(source);
  } catch (cause) {
    throw new Failure("host.ssh-config", `is not understood: ${(cause as Error).message}`, {
      where: file,
      cause,
    });
  }
}

type Value = Extract<Line, { param: string }>["value"];

function words(value: Value): readonly string[] {
  return typeof value === "string" ? value.split(/[\s,]+/) : value.map((word) => word.val);
}

// Put back as it was written: a ProxyCommand goes to a shell, and a quoted path may hold a space.
function text(value: Value): string {
  if (typeof value === "string") return value;
  const written = value.map((word) => `${word.separator}${word.quoted ? `"${word.val}"` : word.val}`);
  return written.join("").trim();
}

function matchApplies(criteria: Readonly<Record<string, Value>>, host: string): boolean {
  return Object.entries(criteria).every(([criterion, value]) => {
    if (criterion.toLowerCase() === "all") return true;
    return (
      ["host", "originalhost"].includes(criterion.toLowerCase()) && matchesPatternList(words(value), host)
    );
  });
}
