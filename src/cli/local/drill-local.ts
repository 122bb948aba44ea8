import { evaluateAssertion, failedAssertion } from "../../agent/jobs/evaluate-assertion.ts";
import type { AssertionResult } from "../../agent/engines/engine.ts";
import { Failure } from "../../errors.ts";
import type { AgentAssertion } from "../../model/agent-policy.ts";
import { chooseTarget } from "../remote/agents.ts";
import type { Session } from "../session.ts";
import { openLocal } from "./open-local.ts";
import type { LocalDatabase } from "./local-database.ts";
import { runRestoreLocal } from "./run-restore-local.ts";
import type { LocalRequest } from "./run-restore-local.ts";

/**
 * Restores the app's database to this machine and asks the policy's assertions there; those of other databases of the
 * server are left out. Gives 1 where one fails.
 * @throws Failure `local.*`, `agent.*`, `host.*`.
 */
export async function drillLocal(session: Session, request: LocalRequest): Promise<number> {
  const { target } = chooseTarget(session.topology(), request.name);
  if (target.type !== "server" || target.drill === null) {
    throw new Failure("cli.usage", `${request.name} is no database server with a drill in the policy`);
  }
  const local = openLocal(request.to, target.engine);
  const exit = await runRestoreLocal(session, request);
  if (exit !== 0) return exit;
  let failed = 0;
  for (const assertion of target.drill.assertions) {
    if (assertion.database !== null) continue;
    const result = await judge(local, assertion);
    process.stdout.write(`${result.passed ? "passed" : "FAILED"}  ${result.name}${got(result)}\n`);
    if (!result.passed) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

async function judge(local: LocalDatabase, assertion: AgentAssertion): Promise<AssertionResult> {
  try {
    return evaluateAssertion(assertion, await local.ask(assertion.sql, new AbortController().signal));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return failedAssertion(assertion, error.detail ?? error.message);
  }
}

function got({ passed, got: value, wanted }: AssertionResult): string {
  return passed ? "" : `: wanted ${wanted}, got ${typeof value === "string" ? value : JSON.stringify(value)}`;
}
