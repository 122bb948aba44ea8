import type { Command } from "commander";
import type { Example } from "../help.ts";
import { open } from "../open.ts";
import { onSeveral, remoteCommand } from "../remote/command.ts";
import type { RemoteOptions } from "../remote/command.ts";

/** A command whose words are the same in the agents, and which is about all that they back up. */
interface Same {
  readonly name: string;
  readonly what: string;
  readonly examples: readonly Example[];
  /** In the agent; its name without. */
  readonly words?: readonly string[];
  /** What it may be about, by their names; without, only about everything. */
  readonly of?: "targets" | "repositories";
  /** A switch that is passed on. */
  readonly flag?: { readonly name: string; readonly what: string };
}

const COMMANDS: readonly Same[] = [
  {
    name: "list",
    what: "List the backups in the repositories, newest first.",
    of: "targets",
    examples: [
      { command: "kamal-backup list", what: "of everything" },
      { command: "kamal-backup list db --json", what: "of one database, for a program" },
    ],
  },
  {
    name: "check",
    what: "Verify the repositories now, as the policy's check does on schedule.",
    of: "repositories",
    examples: [
      { command: "kamal-backup check --host 10.0.1.2", what: "what the agent of one host backs up to" },
    ],
  },
  {
    name: "prune",
    what: "Free the storage of backups that the retention has let go.",
    of: "repositories",
    examples: [{ command: "kamal-backup prune", what: "now, and not on schedule" }],
  },
  {
    name: "unlock",
    what: "Remove locks from the repositories whose restic is gone. Live ones stay.",
    of: "repositories",
    examples: [{ command: "kamal-backup unlock", what: "when drift shows a stale lock" }],
  },
  {
    name: "evidence",
    what: "Print what is proven of the backups, redacted: snapshots, checks, drills, objectives met.",
    flag: { name: "--verify", what: "verify the chain of the ledger instead" },
    examples: [
      { command: "kamal-backup evidence --json > evidence.json", what: "for an audit" },
      { command: "kamal-backup evidence --verify", what: "whether somebody changed the ledger" },
    ],
  },
  {
    name: "schedule",
    what: "Show every scheduled job with its last and next run.",
    words: ["status", "--no-probe"],
    examples: [{ command: "kamal-backup schedule", what: "of all agents" }],
  },
];

/** One command for each of these words: they mean in the checkout what they mean in the container. */
export function inAgentsCommands(exit: (status: number) => void): Command[] {
  return COMMANDS.map((same) => commandOf(same, exit));
}

function commandOf(same: Same, exit: (status: number) => void): Command {
  const { name, what, examples, words = [name], of, flag } = same;
  const command = onSeveral(remoteCommand(name, what, examples));
  if (of !== undefined) command.argument(`[${of}...]`, "by the names of the policy; all without one");
  if (flag !== undefined) command.option(flag.name, flag.what);
  return command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command;
    const options = self.optsWithGlobals<RemoteOptions & Readonly<Record<string, unknown>>>();
    const names = of === undefined ? [] : (given[0] as string[]);
    const flagged = flag !== undefined && options[flag.name.slice(2)] === true ? [flag.name] : [];
    const session = await open(options);
    const { onAgents } = await import("../remote/on-agents.ts");
    exit(
      await onAgents(session, {
        names,
        of: of ?? "targets",
        host: options.host,
        json: options.json,
        words: [...words, ...flagged],
      }),
    );
  });
}
