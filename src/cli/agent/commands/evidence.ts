import type { Command } from "commander";
import { evidenceOf } from "../../../agent/evidence/evidence.ts";
import { gatherEvidence, verifyState } from "../../../agent/evidence/gather.ts";
import { evidenceText, ledgerText } from "../../../agent/evidence/text.ts";
import { placesOf } from "../../../agent/context-from-env.ts";
import { agentCommand, print } from "../help.ts";
import { openToWork } from "../open.ts";

interface Options {
  readonly verify?: boolean;
  readonly json?: boolean;
}

export function evidenceCommand(exit: (status: number) => void): Command {
  const what =
    "Show what can be proven: backups, checks, drills, gaps, recovery points and times. Holds no secret.";
  return agentCommand("evidence", what, [
    { command: "kamal-backup evidence", what: "for people" },
    { command: "kamal-backup evidence --json", what: "schemas/evidence.v1.schema.json" },
    {
      command: "kamal-backup evidence --verify",
      what: "exit 1 where the ledger was changed, and at which line",
    },
  ])
    .option("--verify", "only check the chain of the ledger")
    .action(async ({ verify, json }: Options) => {
      if (verify === true) {
        const verified = verifyState(placesOf(process.env).stateDirectory);
        print(json, verified, ledgerText(verified));
        if (verified.broken !== null) exit(1);
        return;
      }
      const { agent, identity, settle } = openToWork();
      const evidence = evidenceOf(identity, await gatherEvidence(agent));
      settle();
      print(json, evidence, evidenceText(evidence));
    });
}
