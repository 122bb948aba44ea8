import { Command } from "commander";
import { examplesText, exitsText } from "../help.ts";
import type { GlobalOptions } from "../options.ts";

interface ValidateOptions extends GlobalOptions {
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function validateCommand(): Command {
  return new Command("validate")
    .description(
      "Check the policy by itself, against deploy.yml and against .kamal/secrets. Connects to no host.",
    )
    .option("--offline", "only the policy: without Kamal and without secrets")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examplesText([
        { command: "kamal-backup validate", what: "the policy, deploy.yml and the names of the secrets" },
        { command: "kamal-backup validate --offline", what: "in a CI job that has no secrets" },
        {
          command: "kamal-backup validate -p ops/backup-policy.yml -d staging",
          what: "another file and destination",
        },
      ]),
    )
    .addHelpText("after", exitsText())
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<ValidateOptions>();
      const { checkPolicy } = await import("../check-policy.ts");
      const policy = await checkPolicy(options, options.offline === true);
      const replicas = policy.databases.reduce((sum, database) => sum + database.replicas.length, 0);
      const { databases, sqlite, files } = policy;
      const backups = [...databases, ...sqlite, ...files].filter(({ backup }) => backup !== null).length;
      const counts = { databases: databases.length + sqlite.length, replicas, backups };
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify({ valid: true, policy_hash: policy.hash, ...counts }, null, 2)}\n`
          : `${options.policy} is valid: ${count(counts.databases, "database")}, ${count(replicas, "replica")}, ${count(backups, "backup")}.\n`,
      );
    });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
