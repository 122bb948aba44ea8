import type { Template } from "../../model/secret.ts";
import type { Step } from "../../model/step.ts";
import type { HbaSpec } from "./desired.ts";

/** Last line on stdin: a connection that breaks ends stdin early, and half a file may parse. */
const END_OF_FILE = "# kamal-backup: end of file";

/** What the file of before is called beside the new one, until the server was told to load that. */
export const KEPT = ".kamal-backup-old";

/** The superuser's name may be a secret: PGUSER, not argv. */
const ASK = `unset PGHOST PGHOSTADDR PGSERVICE PGSERVICEFILE PGPASSFILE
user=\${POSTGRES_USER:-}
if [ -z "$user" ] && [ -n "\${POSTGRES_USER_FILE:-}" ]; then user=$(cat "$POSTGRES_USER_FILE"); fi
ask() { PGOPTIONS="-c search_path=" PGUSER="\${user:-postgres}" PGDATABASE=postgres psql -X -q -A -t -w -c "$1"; }`;

/** The last that is done: what is removed tells that the server was told. */
const LOAD = `ask "select pg_reload_conf()" > /dev/null
rm -f "$hba.kamal-backup-new" "$hba${KEPT}"
`;

/**
 * Arguments: the file, the SHA-256 it must have. Writes the new text beside it, renames, lets the server check the
 * file as it lies (pg_hba_file_rules) and puts the old one back if a line does not parse: an unparsable file is
 * ignored at reload, but keeps the server from its next start.
 */
const REPLACE = `set -eu
hba=$1 expected=$2
${ASK}
cp -p "$hba" "$hba.kamal-backup-new"
cat > "$hba.kamal-backup-new"
if [ "$(tail -n 1 "$hba.kamal-backup-new")" != "${END_OF_FILE}" ]; then
  rm "$hba.kamal-backup-new"
  echo "the new pg_hba.conf did not arrive whole: run apply again" >&2
  exit 5
fi
sed -i '$d' "$hba.kamal-backup-new"
sum() { sha256sum < "$1" | cut -c 1-64; }
if [ "$(sum "$hba")" = "$expected" ]; then
  cp -p "$hba" "$hba${KEPT}"
  sync
  mv "$hba.kamal-backup-new" "$hba"
  if ! bad=$(ask "select line_number || ': ' || error from pg_hba_file_rules where error is not null and type is null") ||
    [ -n "$bad" ]; then
    mv "$hba${KEPT}" "$hba"
    echo "the new pg_hba.conf does not parse or cannot be checked, the old one is back: $bad" >&2
    exit 4
  fi
elif [ "$(sum "$hba")" = "$(sum "$hba.kamal-backup-new")" ]; then :
else
  rm "$hba.kamal-backup-new"
  echo "pg_hba.conf changed since it was observed: run apply again" >&2
  exit 3
fi
${LOAD}`;

/** Argument: the file. */
const RELOAD = `set -eu
hba=$1
${ASK}
${LOAD}`;

/** Replaces pg_hba.conf, if it still is the one observed, and reloads. */
export function replace(spec: HbaSpec, path: string, sha256: string, text: Template): Step[] {
  return [
    {
      run: "docker",
      host: spec.host,
      argv: ["exec", "-i", spec.container, "sh", "-c", REPLACE, "sh", path, sha256],
      stdin: whole(text),
    },
  ];
}

/** Lets the server load a file that is as it must be. */
export function reload(spec: HbaSpec, path: string): Step[] {
  return [{ run: "docker", host: spec.host, argv: ["exec", spec.container, "sh", "-c", RELOAD, "sh", path] }];
}

function whole(text: Template): Template {
  const parts = typeof text === "string" ? [text] : text;
  const last = parts.at(-1);
  const ended = typeof last === "string" && last.endsWith("\n");
  return [...parts, `${ended ? "" : "\n"}${END_OF_FILE}\n`];
}
