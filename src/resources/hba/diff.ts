import type { Cause } from "../../model/change.ts";
import type { Observation } from "../../model/observation.ts";
import { isSecretRef, showTemplate, showValue } from "../../model/secret.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource, World } from "../kind.ts";
import { blockHash, outsideRules, parseHba, renderHba, ruleHash } from "./block.ts";
import type { HbaFile } from "./block.ts";
import type { HbaSpec } from "./desired.ts";
import type { LiveHba } from "./observe.ts";
import { hideSecrets, revealLine } from "./redact.ts";
import { renderRule } from "./rule.ts";
import { reload, replace } from "./steps.ts";

type Seen = Exclude<Observation<LiveHba>, { status: "unknown" }>;

export function diff({ spec }: Resource<HbaSpec>, seen: Seen, world: World): Difference {
  if (seen.status === "absent") return inOrder;
  const live = seen.value;
  const refusal = refuse(spec, live, world);
  if (refusal !== null) return { action: "blocked", ...refusal };
  const file = parseHba(live.text) as HbaFile;
  const wanted =
    spec.rules.length === 0 ? null : spec.rules.map((rule) => revealLine(renderRule(rule), world));
  const text = renderHba(file, wanted);
  const interrupts = `${spec.accessory} reloads its configuration; no connection is cut`;
  if (text === live.text) {
    const reason = whyReload(spec, live, file);
    return reason === null
      ? inOrder
      : { action: "update", ...reason, impact: "reload", interrupts, steps: reload(spec, live.path) };
  }
  const before = hideSecrets(live.text, spec.rules, world);
  const after = hideSecrets(text, spec.rules, world);
  return {
    action: file.block === null ? "create" : wanted === null ? "delete" : "update",
    ...explain(spec, file, wanted, (rule) => showTemplate(hideSecrets(rule, spec.rules, world))),
    impact: "reload",
    interrupts,
    text: { path: `${spec.accessory}:pg_hba.conf`, before: showTemplate(before), after: showTemplate(after) },
    steps: replace(spec, live.path, live.sha256, after),
  };
}

function refuse(spec: HbaSpec, live: LiveHba, world: World): Refusal | null {
  const [error] = live.errors;
  const byHand = (reason: string): Refusal => ({ cause: "drift", reason });
  if (error !== undefined) {
    return byHand(
      `pg_hba.conf of ${spec.accessory} does not parse at line ${error.line} (${error.error}): correct it by hand, the server would not start with it`,
    );
  }
  if (parseHba(live.text) === null) {
    return byHand(
      `the markers of kamal-backup's block in pg_hba.conf of ${spec.accessory} are broken: restore one "# BEGIN kamal-backup" and one "# END kamal-backup" line, or remove both`,
    );
  }
  return refuseRules(spec, world);
}

function refuseRules({ rules }: HbaSpec, world: World): Refusal | null {
  if (rules.some((rule) => rule.type === "local" && rule.method !== "trust")) {
    return {
      cause: "policy",
      reason:
        "a local rule other than trust would lock out kamal-backup, which works over the local socket as root: leave it out",
    };
  }
  const unfit = rules
    .map((rule) => rule.user)
    .find((user) => isSecretRef(user) && /["\r\n]/.test(world.reveal(user)));
  if (unfit === undefined) return null;
  return {
    cause: "policy",
    reason: `${showValue(unfit)} has a quote or a line break, which a user of pg_hba.conf cannot have here: choose another name`,
  };
}

interface Refusal {
  readonly cause: Cause;
  readonly reason: string;
}

/**
 * Why a file that is right is loaded all the same. One without our block is its owner's, who may have rules in it that
 * are not to be loaded yet.
 */
function whyReload(
  { accessory }: HbaSpec,
  { unfinished, unloaded }: LiveHba,
  { block }: HbaFile,
): { cause: Cause; reason: string } | null {
  const file = `pg_hba.conf of ${accessory} is as it must be, but`;
  if (unfinished) {
    return {
      cause: "policy",
      reason: `${file} the apply that wrote it was cut short: the server may still go by the rules of before`,
    };
  }
  if (!unloaded || block === null) return null;
  return {
    cause: "drift",
    reason: `${file} it was changed after the server loaded it: the server may go by the rules of before`,
  };
}

/** Why, in words: rules changed inside our block, outside it, or in the policy. */
function explain(
  spec: HbaSpec,
  file: HbaFile,
  wanted: readonly string[] | null,
  show: (rule: string) => string,
): { cause: Cause; reason: string } {
  const { block, stamp } = file;
  if (block === null) {
    return {
      cause: "policy",
      reason: `pg_hba.conf of ${spec.accessory} gets a managed block with ${spec.rules.length} ${spec.rules.length === 1 ? "rule" : "rules"}`,
    };
  }
  const edited = stamp === null || stamp.applied !== blockHash(block);
  const outside = stamp === null ? "" : outsideChange(file, stamp.outside, show);
  const pending = wanted === null || blockHash(wanted) !== stamp?.applied;
  const drifted = edited || outside !== "";
  const reasons = [
    ...(edited ? ["rules in kamal-backup's block were changed by hand"] : []),
    ...(outside === "" ? [] : [outside]),
    ...(pending ? ["the policy's rules changed"] : []),
  ];
  return {
    cause: drifted && pending ? "both" : drifted ? "drift" : "policy",
    reason: `${spec.accessory}: ${reasons.join("; ")}`,
  };
}

/** Rules outside the block are never touched: apply only takes note of them. */
function outsideChange(file: HbaFile, known: readonly string[], show: (rule: string) => string): string {
  const rules = outsideRules(file);
  const left = [...known];
  const added = rules.filter((rule) => {
    const at = left.indexOf(ruleHash(rule));
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  if (added.length === 0 && left.length === 0)
    return rules.map(ruleHash).join() === known.join() ? "" : "rules outside our block were reordered";
  const parts = [
    ...(added.length > 0 ? [`added: ${added.map(show).join(" | ")}`] : []),
    ...(left.length > 0 ? [`${left.length} removed`] : []),
  ];
  return `rules outside our block changed (${parts.join("; ")}); apply leaves them and takes note, undo them by hand if they are wrong`;
}
