import { isSecretRef } from "../../model/secret.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { hasUrlPassword } from "../redact.ts";
import type { PolicySource, Subject } from "../source.ts";

/** No address holds a password: the policy is committed and reviewed. */
export function addressesHoldNoPassword(source: PolicySource): readonly Diagnostic[] {
  const { repositories = {}, notify = [] } = source.document;
  const addresses: readonly (readonly [Subject, unknown])[] = [
    ...Object.values(repositories).map((repository) => [[repository, "restic"], repository.restic] as const),
    ...Object.values(repositories).flatMap(({ env = {} }) =>
      Object.entries(env).map(([name, value]) => [[env, name], value] as const),
    ),
    ...notify.map((notification) => [[notification, "url"], notification.url] as const),
  ];
  return addresses
    .filter(([, value]) => typeof value === "string" && hasUrlPassword(value))
    .map(([subject]) =>
      source.error(subject, "a literal password in an address", {
        expected: "the password, or the whole address, as a secret in .kamal/secrets",
      }),
    );
}

/** Every `{ secret: NAME }` of a policy, with where it stands. */
export function secretReferences(
  source: PolicySource,
): readonly { readonly subject: Subject; readonly name: string }[] {
  const { repositories = {}, databases = {}, notify = [] } = source.document;
  const values: readonly unknown[] = [
    ...Object.values(repositories).flatMap(({ password, env = {}, ssh }) => [
      password,
      ...Object.values(env),
      ssh?.key,
    ]),
    ...Object.values(databases).flatMap(({ replication, pg_hba = [] }) => [
      replication?.user,
      replication?.password,
      ...pg_hba.map((rule) => rule.user),
    ]),
    ...notify.map(({ url }) => url),
  ];
  return values
    .filter(isSecretRef)
    .map((reference) => ({ subject: [reference, "secret"], name: reference.secret }));
}
