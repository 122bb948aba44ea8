import { Command } from "commander";
import { produceMysql } from "../../../agent/engines/mysql/produce.ts";
import type { ProduceArguments } from "../../../agent/engines/mysql/produce.ts";

/** Hidden: restic runs it, so that rows are counted as they pass. */
export function produceMysqlCommand(exit: (status: number) => void): Command {
  return new Command("produce-mysql")
    .argument("<arguments...>")
    .passThroughOptions()
    .action(async (given: readonly string[]) =>
      exit(await produceMysql(given as unknown as ProduceArguments)),
    );
}
