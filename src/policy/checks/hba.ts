import { isSecretRef } from "../../model/secret.ts";
import { covers, parseRange } from "../address-range.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { HbaRule } from "../document.generated.ts";
import type { PolicySource } from "../source.ts";

function ruleLists(source: PolicySource): readonly (readonly HbaRule[])[] {
  return Object.values(source.document.databases ?? {}).map((database) => database.pg_hba ?? []);
}

/** Postgres refuses an address without the length of its prefix, and then the whole file. */
export function hbaAddressesAreRanges(source: PolicySource): readonly Diagnostic[] {
  return ruleLists(source)
    .flat()
    .flatMap((rule) => {
      const range = rule.address === undefined ? null : parseRange(rule.address);
      if (rule.address === undefined || range === null) {
        return /^[\d.]+(\/\d*)?$/.test(rule.address ?? "")
          ? source.error([rule, "address"], "this is no IP address", {
              expected: "a range such as 10.0.1.0/24",
            })
          : [];
      }
      if (range !== "wrong" && range.prefix !== null) return [];
      const single = range === "wrong" ? undefined : `${rule.address}/${range.family === "ipv4" ? 32 : 128}`;
      const message =
        range === "wrong" ? "this range has no such prefix" : "an address needs the length of its prefix";
      return source.error([rule, "address"], message, {
        expected: "a range such as 10.0.1.0/24",
        suggestion: single,
      });
    });
}

/** The first rule that matches decides: one that an earlier, broader one precedes never does. */
export function hbaRulesAreReached(source: PolicySource): readonly Diagnostic[] {
  return ruleLists(source).flatMap((rules) =>
    rules.flatMap((rule, index) => {
      const earlier = rules.slice(0, index).find((candidate) => shadows(candidate, rule));
      if (earlier === undefined) return [];
      return source.error(
        [rule],
        `this rule is never reached: the one on line ${source.line([earlier])} matches first`,
        {
          expected: "the narrower rule above the broader one, or only one of them",
        },
      );
    }),
  );
}

function shadows(earlier: HbaRule, later: HbaRule): boolean {
  const anyTcp = earlier.type === "host" && later.type !== "local";
  return (
    (earlier.type === later.type || anyTcp) &&
    later.database.split(",").every((name) => databaseCovered(earlier.database.split(","), name)) &&
    usersCovered(earlier.user, later.user) &&
    addressCovered(earlier.address, later.address)
  );
}

/** `all` does not match replication connections. */
function databaseCovered(earlier: readonly string[], name: string): boolean {
  return earlier.includes(name) || (earlier.includes("all") && name !== "replication");
}

function usersCovered(earlier: HbaRule["user"], later: HbaRule["user"]): boolean {
  if (isSecretRef(earlier)) return isSecretRef(later) && earlier.secret === later.secret;
  const names = earlier.split(",");
  if (names.includes("all")) return true;
  return !isSecretRef(later) && later.split(",").every((name) => names.includes(name));
}

function addressCovered(earlier: string | undefined, later: string | undefined): boolean {
  if (earlier === later || earlier === "all") return true;
  if (earlier === undefined || later === undefined) return false;
  const [outer, inner] = [parseRange(earlier), parseRange(later)];
  return outer !== null && outer !== "wrong" && inner !== null && inner !== "wrong" && covers(outer, inner);
}

const WEAK: Readonly<Record<string, string>> = {
  trust: "`trust` asks for no password",
  md5: "`md5` passwords are weak, and Postgres drops them",
  password: "`password` sends the password in clear text",
};

/** Rules that let in more, or ask for less, than most people mean. */
export function hbaRulesAreTight(source: PolicySource): readonly Diagnostic[] {
  return ruleLists(source)
    .flat()
    .flatMap((rule) => {
      const found: Diagnostic[] = [];
      const weak = WEAK[rule.method];
      if (weak !== undefined)
        found.push(source.warning([rule, "method"], weak, { expected: "scram-sha-256" }));
      const range = rule.address === undefined ? null : parseRange(rule.address);
      const isAny = rule.address === "all" || (range !== null && range !== "wrong" && range.prefix === 0);
      if (isAny && rule.method !== "reject") {
        found.push(
          source.warning([rule, "address"], "this admits connections from anywhere", {
            expected: "the range of the private network",
          }),
        );
      }
      return found;
    });
}
