import type { Accessory } from "../model/accessory.ts";
import { postgresMajor } from "../model/image.ts";
import { secretReferences } from "./checks/secrets.ts";
import { inReadingOrder } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Database } from "./document.generated.ts";
import type { PolicySource } from "./source.ts";
import { suggest } from "./suggest.ts";

/** The part of an accessory that a policy is checked against. */
export type DeployedAccessory = Pick<Accessory, "name" | "hosts" | "image">;

/**
 * What a policy and deploy.yml say that does not fit together, at the places of the policy, in reading order.
 * `secretNames` are those that `.kamal/secrets` defines; null: not known, not checked.
 */
export function checkAgainstDeploy(
  source: PolicySource,
  accessories: readonly DeployedAccessory[],
  secretNames: ReadonlySet<string> | null,
): readonly Diagnostic[] {
  const databases = source.document.databases ?? {};
  const found = Object.entries(databases).flatMap(([name, database]) => {
    if (database.engine === "sqlite") return [];
    const accessory = accessories.find((candidate) => candidate.name === name);
    if (accessory === undefined) return missingAccessory(source, name, accessories);
    return [
      ...engineFits(source, name, database, accessory),
      ...hostsDiffer(source, name, database, accessory),
      ...agentIsNewEnough(source, name, database, accessory),
    ];
  });
  const secrets = secretNames === null ? [] : secretsDefined(source, secretNames);
  return inReadingOrder(
    [...found, ...secrets],
    source.files.map(({ path }) => path),
  );
}

function missingAccessory(
  source: PolicySource,
  name: string,
  accessories: readonly DeployedAccessory[],
): readonly Diagnostic[] {
  const names = accessories.map((accessory) => accessory.name);
  const subject = [source.document.databases ?? {}, name] as const;
  return [
    source.errorAtKey(subject, `deploy.yml has no accessory \`${name}\``, {
      expected: names.length > 0 ? names.join(", ") : "an accessory; deploy.yml has none",
      suggestion: suggest(name, names),
    }),
  ];
}

/** Images by the last part of their name, without registry and tag. */
const ENGINES: Readonly<Record<string, NonNullable<Database["engine"]>>> = {
  postgres: "postgres",
  postgis: "postgres",
  pgvector: "postgres",
  timescaledb: "postgres",
  mysql: "mysql",
  mariadb: "mariadb",
};

/** `ghcr.io/acme/postgres:17@sha256:…` is postgres; undefined for an image of another name. */
function engineOf(image: string): Database["engine"] {
  const name =
    image
      .replace(/@.*$/, "")
      .replace(/:[^/]*$/, "")
      .split("/")
      .at(-1) ?? "";
  return Object.hasOwn(ENGINES, name) ? ENGINES[name] : undefined;
}

function engineFits(
  source: PolicySource,
  name: string,
  database: Database,
  { image }: DeployedAccessory,
): readonly Diagnostic[] {
  const engine = engineOf(image);
  if (database.engine !== undefined) {
    if (engine === undefined || engine === database.engine) return [];
    return [
      source.error([database, "engine"], `the image of ${name} is ${image}`, {
        expected: engine,
        suggestion: engine,
      }),
    ];
  }
  if (engine === "postgres") return [];
  const message =
    engine === undefined
      ? `the engine cannot be read off the image ${image}`
      : `the image ${image} is not Postgres`;
  const expected =
    engine === undefined ? "`engine: postgres`, or another, below it" : `\`engine: ${engine}\` below it`;
  return [source.errorAtKey([source.document.databases ?? {}, name], message, { expected })];
}

/** Where both tags say their major: pg_dump refuses a newer server (postgresql.org/docs/current/app-pgdump.html). */
function agentIsNewEnough(
  source: PolicySource,
  name: string,
  { backup }: Database,
  { image }: DeployedAccessory,
): readonly Diagnostic[] {
  const { agent } = source.document;
  if (agent === undefined || backup === undefined || engineOf(image) !== "postgres") return [];
  const [ours, theirs] = [postgresMajor(agent.image), postgresMajor(image)];
  if (ours === null || theirs === null || ours >= theirs) return [];
  const message = `this is of Postgres ${ours}, and ${name} runs ${theirs}: pg_dump refuses a server newer than itself`;
  return [source.error([agent, "image"], message, { expected: `an image of Postgres ${theirs} or newer` })];
}

function hostsDiffer(
  source: PolicySource,
  name: string,
  database: Database,
  { hosts }: DeployedAccessory,
): readonly Diagnostic[] {
  return Object.values(database.replicas ?? {})
    .filter((replica) => hosts.includes(replica.host))
    .map((replica) =>
      source.warning([replica, "host"], `${name} runs on ${replica.host} too: one failure takes both`, {
        expected: "another host",
      }),
    );
}

function secretsDefined(source: PolicySource, defined: ReadonlySet<string>): readonly Diagnostic[] {
  return secretReferences(source)
    .filter(({ name }) => !defined.has(name))
    .map(({ subject, name }) =>
      source.error(subject, `.kamal/secrets does not define \`${name}\``, {
        expected: "a line of it that gives it a value; a $(command) that prints nothing gives none",
        suggestion: suggest(name, defined),
      }),
    );
}
