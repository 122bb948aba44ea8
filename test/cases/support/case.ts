import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { edited } from "./merge.ts";
import type { TextEdit } from "./merge.ts";

const DIRECTORY = fileURLToPath(new URL("../", import.meta.url));

/** A text, or what is to be edited in the one that would be there otherwise. */
type TextOrEdits = string | readonly TextEdit[];

interface Inputs {
  readonly policy?: TextOrEdits;
  readonly deploy?: TextOrEdits;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** One case, as its file has it; docs in test/cases/README.md. */
interface CaseFile extends Inputs {
  readonly name: string;
  readonly why: string;
  /** The policy of support/ to begin with: `backup-policy`, or `backed-up`, with an agent on each host. */
  readonly start?: "backup-policy" | "backed-up";
  readonly destination?: { readonly name: string; readonly deploy: string };
  readonly applied?: boolean;
  readonly then?: Inputs & { readonly destination?: readonly TextEdit[] };
  readonly observed?: { readonly probes?: unknown; readonly files?: unknown };
  readonly expect: readonly Expected[];
}

/** A change that the plan must have. Keys that are not there have to be as in `inOrder`, but for fields and interrupts. */
export type Expected = { readonly id: string } & Readonly<Record<string, unknown>>;

/** What people wrote. */
export interface Written {
  readonly policy: string;
  readonly deploy: string;
  readonly destination: { readonly name: string; readonly deploy: string } | null;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Case {
  readonly kind: string;
  readonly file: string;
  readonly name: string;
  /** As of the last apply, or before the first one. */
  readonly before: Written;
  readonly applied: boolean;
  /** As of now. */
  readonly now: (applied: Pick<Written, "deploy" | "destination">) => Written;
  readonly observed: { readonly probes?: unknown; readonly files?: unknown };
  readonly expect: readonly Expected[];
}

const KEYS = [
  "name",
  "why",
  "start",
  "policy",
  "deploy",
  "secrets",
  "destination",
  "applied",
  "then",
  "observed",
  "expect",
];

export const DEFAULTS: Written = {
  policy: support("backup-policy.yml"),
  deploy: support("deploy.yml"),
  destination: null,
  secrets: parse(support("secrets.yml")) as Record<string, string>,
};

/** Every case of a kind, by file name. */
export function casesOf(kind: string): Case[] {
  const files = readdirSync(`${DIRECTORY}${kind}`).filter((name) => name.endsWith(".yml"));
  return files.sort().map((file) => caseOf(kind, `${kind}/${file}`));
}

/** A text of test/cases/support. */
export function support(name: string): string {
  return readFileSync(`${DIRECTORY}support/${name}`, "utf8");
}

function caseOf(kind: string, file: string): Case {
  const data = parse(readFileSync(`${DIRECTORY}${file}`, "utf8")) as CaseFile;
  const unknown = Object.keys(data).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0 || !Array.isArray(data.expect) || !data.name || !data.why) {
    throw new Error(
      `${file}: unknown keys ${unknown.join(", ") || "none"}; name, why and expect are required`,
    );
  }
  const before: Written = {
    policy: textOf(support(`${data.start ?? "backup-policy"}.yml`), data.policy),
    deploy: textOf(DEFAULTS.deploy, data.deploy),
    destination: data.destination ?? null,
    secrets: { ...DEFAULTS.secrets, ...data.secrets },
  };
  const { then = {} } = data;
  return {
    kind,
    file,
    name: data.name,
    before,
    applied: data.applied ?? true,
    now: ({ deploy, destination }) => ({
      policy: textOf(before.policy, then.policy),
      deploy: textOf(deploy, then.deploy),
      destination: destination && {
        ...destination,
        deploy: edited(destination.deploy, then.destination ?? []),
      },
      secrets: { ...before.secrets, ...then.secrets },
    }),
    observed: data.observed ?? {},
    expect: data.expect,
  };
}

function textOf(base: string, over: TextOrEdits | undefined): string {
  if (over === undefined) return base;
  return typeof over === "string" ? over : edited(base, over);
}
