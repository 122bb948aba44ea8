import type { Command } from "commander";
import type { Impact } from "../model/impact.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  /** Path of backup-policy.yml. */
  readonly policy: string;
  readonly destination?: string;
  /** Kamal's deploy.yml; the policy's `deploy` says where it is otherwise. */
  readonly configFile?: string;
  readonly acceptNewHostKeys?: boolean;
  /** False with --no-color. */
  readonly color: boolean;
}

export interface ApplyOptions extends GlobalOptions {
  readonly autoApprove?: boolean;
  readonly allow?: Impact;
  readonly lockTimeout: number;
  readonly json?: boolean;
}

export function addGlobalOptions(program: Command): Command {
  return program
    .option("-p, --policy <file>", "the policy", "backup-policy.yml")
    .option("-d, --destination <name>", "Kamal's destination: staging, production ...")
    .option("-c, --config-file <file>", "Kamal's deploy.yml (default: what the policy says)")
    .option("--accept-new-host-keys", "trust SSH hosts that known_hosts does not have yet")
    .option("--no-color", "no colours, as with NO_COLOR");
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Whether to colour what goes to this stream. */
export function wantsColour(options: Pick<GlobalOptions, "color">, stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR } = process.env;
  return options.color && stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "");
}
