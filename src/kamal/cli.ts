import { existsSync } from "node:fs";
import { Failure } from "../errors.ts";
import type { Secret } from "../model/secret.ts";
import { runProgram } from "./program.ts";
import { redact } from "./redact.ts";

export interface KamalOptions {
  /** The directory of the checkout: Kamal finds config/, .kamal/ and git from here. */
  readonly cwd: string;
  /** Kamal's `-c`, relative to `cwd`; null for config/deploy.yml. */
  readonly configFile: string | null;
  /** Kamal's `-d`. */
  readonly destination: string | null;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface KamalRun {
  /** Interrupts Kamal as Ctrl-C would. Commands it has started on hosts run on. */
  readonly signal?: AbortSignal | undefined;
  /** Each line as it comes, redacted. */
  readonly onLine?: (line: string) => void;
  /** We hold Kamal's deploy lock: Kamal neither takes nor releases it. */
  readonly underLock?: boolean;
  /** Evaluates `.kamal/secrets`, whose commands may ask for a password: shares the terminal, if there is one. */
  readonly evaluatesSecrets?: boolean;
  /** Added to this process's environment and that of the options. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The real Kamal, in one checkout. */
export interface Kamal {
  readonly options: KamalOptions;
  /**
   * Runs a command of Kamal, with `-d` and `-c` added. Throws `kamal.missing`, `kamal.failed` with Kamal's output, in
   * which every secret that was given to `hide` is redacted, or `kamal.interrupted`.
   */
  run(argv: readonly string[], run?: KamalRun): Promise<{ stdout: string; stderr: string }>;
  /** From now on these are redacted in all that comes out of here. */
  hide(secrets: Iterable<Secret>): void;
}

/** Kamal as `kamal` in the PATH. */
export function kamal(options: KamalOptions): Kamal {
  const hidden = new Map<string, Secret>();
  const clean = (text: string): string => redact(text, hidden.values());
  return {
    options,
    hide(secrets) {
      for (const secret of secrets) hidden.set(`${secret.name} ${secret.reveal()}`, secret);
    },
    async run(argv, run = {}) {
      const full = withOptions(argv, options);
      const where = clean(["kamal", ...full].join(" "));
      const { onLine } = run;
      const result = await runProgram("kamal", full, {
        cwd: options.cwd,
        // Kamal::Commander#reset reads KAMAL_LOCK and compares it with "true".
        env: { ...options.env, ...run.env, ...(run.underLock ? { KAMAL_LOCK: "true" } : {}) },
        signal: run.signal,
        onLine: onLine === undefined ? undefined : (line) => onLine(clean(line)),
        attended: run.evaluatesSecrets ?? false,
      });
      if (result.aborted && result.exitCode !== 0) {
        throw new Failure("kamal.interrupted", "Kamal was interrupted", { where });
      }
      if (result.spawnError !== null) throw notStarted(result.spawnError, where, options.cwd);
      if (result.exitCode === 0) return { stdout: result.stdout, stderr: result.stderr };
      const output = [result.stdout, result.stderr].map((text) => text.trim()).filter((text) => text !== "");
      throw failed(clean(withoutColour(output.join("\n"))), where, run.evaluatesSecrets ?? false);
    },
  };
}

/** Options go before the first option of the command: what follows a `--` or an `exec` is not Kamal's. */
function withOptions(argv: readonly string[], options: KamalOptions): string[] {
  const own = [
    ...(options.configFile === null ? [] : ["-c", options.configFile]),
    ...(options.destination === null ? [] : ["-d", options.destination]),
  ];
  const first = argv.findIndex((word) => word.startsWith("-"));
  return first === -1 ? [...argv, ...own] : [...argv.slice(0, first), ...own, ...argv.slice(first)];
}

function notStarted(code: string, where: string, cwd: string): Failure {
  if (code === "ENOENT" && existsSync(cwd))
    return new Failure("kamal.missing", "there is no kamal in the PATH", { where });
  return new Failure("kamal.failed", `Kamal could not be started in ${cwd}: ${code}`, { where });
}

/** The message of a failure of which Kamal itself said nothing: perhaps it did not even start. */
export const SAID_NOTHING = "Kamal failed";

/** Messages that Kamal writes itself. Others may quote what a secret's command printed. */
const OWN_MESSAGE = /^(Kamal::ConfigurationError|Psych::SyntaxError|RuntimeError)$/;

/** Kamal refuses a host's key like ourselves. */
const HOST_KEYS: Readonly<Record<string, "host.key-unknown" | "host.key-changed">> = {
  "Net::SSH::HostKeyUnknown": "host.key-unknown",
  "Net::SSH::HostKeyMismatch": "host.key-changed",
};

function failed(output: string, where: string, evaluatesSecrets: boolean): Failure {
  const error = output.match(/ERROR \(([\w:]+)\): (.*)/);
  if (error?.[1] === undefined || error[2] === undefined) {
    return new Failure(
      "kamal.failed",
      SAID_NOTHING,
      evaluatesSecrets ? { where } : { where, detail: tail(output) },
    );
  }
  const [, type, message] = error;
  const hostKey = HOST_KEYS[type];
  if (hostKey !== undefined) return new Failure(hostKey, message, { where });
  if (evaluatesSecrets && !OWN_MESSAGE.test(type)) {
    return new Failure(
      "kamal.failed",
      `Kamal failed with ${type}; its message is withheld, it may quote a secret`,
      { where },
    );
  }
  return new Failure(
    "kamal.failed",
    `Kamal failed: ${message}`,
    evaluatesSecrets ? { where } : { where, detail: tail(output) },
  );
}

function tail(output: string): string {
  return output.split("\n").slice(-40).join("\n");
}

function withoutColour(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;]*m/g, "");
}
