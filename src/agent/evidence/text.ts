import type { Verified } from "../ledger/verify.ts";
import { ofNewest } from "./drills.ts";
import type { CheckEvidence, Evidence, TargetEvidence } from "./evidence.ts";

/** An evidence for people. */
export function evidenceText({ app, host, at, policy_hash, ledger, targets, tools }: Evidence): string {
  const versions = Object.entries(tools).flatMap(([name, version]) =>
    version === null ? [] : `${name} ${version}`,
  );
  return [
    `Evidence of ${app} on ${host}, ${at}`,
    `  policy ${policy_hash.slice(0, 12)}`,
    `  ${ledgerText(ledger)}`,
    `  ${versions.join(", ")}`,
    ...targets.flatMap((target) => ["", ...targetLines(target)]),
  ].join("\n");
}

/** Whether the ledger is whole, in one line. */
export function ledgerText({ entries, head, broken }: Verified): string {
  if (broken === null) return `ledger: ${entries} entries, unbroken, head ${head.slice(0, 12)}`;
  return `ledger: BROKEN at line ${broken.line} (${broken.fault}): ${broken.why}`;
}

function targetLines(target: TargetEvidence): readonly string[] {
  const { snapshots, last_successful_backup: good, drills, gaps, rpo, rto } = target;
  const known =
    snapshots === null
      ? "the repository did not answer"
      : `${snapshots.runs} runs, the newest of ${snapshots.newest?.time ?? "never"}`;
  const drill = drills[0];
  const on = drill?.stand_in == null ? "" : ` on ${drill.stand_in}`;
  return [
    `${target.name} (${target.type}, ${target.schedule}, repository ${target.repository}): ${known}`,
    `  last good backup  ${good?.started_at ?? "never"}`,
    ...(good?.notes ?? []).map((note) => `  note              ${note}`),
    `  last check        ${checkText(target.last_check)}`,
    `  last of its data  ${checkText(target.last_data_check)}`,
    ...(rto === null
      ? []
      : [
          `  last drill        ${drill === undefined ? "never" : `${drill.finished_at}, ${drill.outcome}${inSeconds(drill.seconds)}${on}`} (${drills.length} in all)`,
        ]),
    `  recovery point    ${objectiveText(rpo.achieved_seconds, rpo.objective_seconds, rpo.met)}`,
    ...(rpo.missing_run === null
      ? []
      : [
          `  missing           run ${rpo.missing_run}: recorded as good, and the repository does not have it`,
        ]),
    ...(rto === null
      ? []
      : [
          `  recovery time     ${objectiveText(rto.last_seconds, rto.objective_seconds, rto.met)}${whyNot(target)}`,
        ]),
    ...gaps.map(({ from, until }) => `  gap               from ${from} to ${until ?? "now"}`),
  ];
}

/** Seconds of a good drill meet nothing where a newer one was none. */
function whyNot({ drills, rto }: TargetEvidence): string {
  const newest = ofNewest(drills)[0];
  if (rto?.met !== false || newest === undefined || newest.outcome === "success") return "";
  return `, the newest drill ${newest.outcome === "failure" ? "failed" : "was interrupted"}`;
}

function checkText(check: CheckEvidence | null): string {
  if (check === null) return "never";
  const read = check.read_data === null ? "" : `, ${check.read_data} of the data read`;
  return `${check.finished_at}, ${check.outcome}${read}`;
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? "" : ` in ${seconds} s`;
}

function objectiveText(achieved: number | null, objective: number | null, met: boolean | null): string {
  const reached = achieved === null ? "none yet" : `${achieved} s`;
  if (objective === null) return `${reached}, no objective`;
  return `${reached} of at most ${objective} s: ${met ? "met" : "NOT MET"}`;
}
