import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../errors.ts";
import { Secret } from "../model/secret.ts";
import type { Kamal, KamalRun } from "./cli.ts";
import { deployFiles } from "./deploy-files.ts";
import { dotenvEntries } from "./dotenv.ts";
import type { DotenvEntry } from "./dotenv.ts";
import { parseManifest, valueAt } from "./manifest.ts";

/** A file of secrets, as far as it may be read here: which names it defines. */
interface SecretsFile {
  readonly path: string;
  readonly entries: readonly DotenvEntry[];
}

/**
 * The secrets of the checkout and destination by name, as Kamal evaluates them (`kamal secrets print`), and hides them
 * in all that Kamal says from now on. They are only ever in memory. One whose `$(command)` printed nothing is left out:
 * Kamal takes a failed command for an empty value. Throws `secrets.unreadable`, which quotes no value.
 */
export async function loadSecrets(
  cli: Kamal,
  run: Pick<KamalRun, "signal"> = {},
): Promise<Map<string, Secret>> {
  if ((await secretsFiles(cli)).length === 0) return new Map();
  const { stdout } = await cli
    .run(["secrets", "print"], { ...run, evaluatesSecrets: true })
    .catch(async (error: unknown) => {
      if (!(error instanceof Failure) || error.code !== "kamal.failed") throw error;
      throw await secretsUnreadable(cli, error);
    });
  return secretsFrom(cli, stdout);
}

/** {@link loadSecrets} of the command's output. */
export async function secretsFrom(cli: Kamal, output: string): Promise<Map<string, Secret>> {
  const secrets = parseSecrets(output, await secretsFiles(cli));
  cli.hide(secrets.values());
  return secrets;
}

/** `secrets.unreadable` for the failure of the command. */
export async function secretsUnreadable(cli: Kamal, cause: Failure): Promise<Failure> {
  return new Failure("secrets.unreadable", cause.message, { where: pathsOf(await secretsFiles(cli)), cause });
}

/**
 * Reads `NAME=value` lines, of which a value may fill several: the files tell the names and their order, so a line
 * inside a value is not taken for a name. A value that holds a line starting like a name makes it ambiguous: refused.
 */
export function parseSecrets(output: string, files: readonly SecretsFile[]): Map<string, Secret> {
  const entries = new Map<string, DotenvEntry>();
  for (const entry of files.flatMap((file) => file.entries)) entries.set(entry.name, entry);
  const names = [...entries.keys()];
  const lines = output.replace(/\n$/, "").split("\n");
  const starts = names.map((name) => lines.findIndex((line) => line.startsWith(`${name}=`)));
  const missing = names.filter((_, index) => starts[index] === -1);
  if (missing.length > 0) throw notPrinted(missing, files);
  for (const [index, name] of names.entries()) {
    const again = lines.filter((line) => line.startsWith(`${name}=`)).length > 1;
    const disordered = index > 0 && (starts[index] as number) < (starts[index - 1] as number);
    if (again || disordered) {
      throw new Failure("secrets.unreadable", `a secret's value holds a line that starts with "${name}="`, {
        where: pathsOf(files),
        todo: `Rename ${name}, or store the value that holds such a line in another form (base64).`,
      });
    }
  }
  const secrets = new Map<string, Secret>();
  for (const [index, name] of names.entries()) {
    const value = lines
      .slice(starts[index], starts[index + 1] ?? lines.length)
      .join("\n")
      .slice(name.length + 1);
    if (value !== "" || entries.get(name)?.command === false) secrets.set(name, new Secret(name, value));
  }
  return secrets;
}

function notPrinted(missing: readonly string[], files: readonly SecretsFile[]): Failure {
  // The dotenv gem passes over a whole file when a command in it is not found (Errno::ENOENT is "no such file").
  const file = files.find(
    ({ entries }) => entries.length > 0 && entries.every(({ name }) => missing.includes(name)),
  );
  if (file === undefined) {
    return new Failure("secrets.unreadable", `Kamal does not print ${missing.join(", ")}`, {
      where: pathsOf(files),
    });
  }
  const commands = file.entries.filter((entry) => entry.command).map((entry) => entry.name);
  return new Failure(
    "secrets.unreadable",
    "Kamal read nothing from the file: a program in a $(...) of it is not installed",
    {
      where: file.path,
      todo: `Install the program, or correct the command. These have one: ${commands.join(", ")}.`,
    },
  );
}

/** `.kamal/secrets-common`, then `.kamal/secrets` or the destination's (lib/kamal/secrets.rb); those that exist. */
async function secretsFiles(cli: Kamal): Promise<SecretsFile[]> {
  const { cwd, destination } = cli.options;
  const path = await secretsPath(cli);
  const files: SecretsFile[] = [];
  for (const name of [`${path}-common`, destination === null ? path : `${path}.${destination}`]) {
    const text = await readFile(resolve(cwd, name), "utf8").catch(() => null);
    if (text !== null) files.push({ path: name, entries: dotenvEntries(text) });
  }
  return files;
}

async function secretsPath(cli: Kamal): Promise<string> {
  let path = ".kamal/secrets";
  for (const file of deployFiles(cli.options)) {
    const manifest = parseManifest(await readFile(resolve(cli.options.cwd, file), "utf8").catch(() => ""));
    const own = "error" in manifest ? undefined : valueAt(manifest.value, ["secrets_path"]);
    if (typeof own === "string") path = own;
  }
  return path;
}

function pathsOf(files: readonly SecretsFile[]): string {
  return files.map((file) => file.path).join(", ");
}
