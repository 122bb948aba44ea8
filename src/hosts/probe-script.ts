import { psqlArgv, setVariables, terminated, unsetVariables } from "./psql.ts";
import { shellCommand, shellWord } from "./quote.ts";

/** What to find out of one container of a host. */
export interface ContainerRequest {
  /** The accessory's name in deploy.yml. */
  readonly accessory: string;
  readonly container: string;
  /** Kamal's env file of the accessory, relative to the SSH user's home. */
  readonly envFile: string;
  readonly facts: readonly FactQuestion[];
}

/** A question to what runs in the container. */
export type FactQuestion = SqlQuestion | ProgramQuestion;

/** A statement with its values revealed: it leaves for the host's stdin and nowhere else. */
export interface SqlQuestion {
  readonly name: string;
  /** Returns one row with one JSON column. */
  readonly sql: string;
  readonly params: Readonly<Record<string, string>>;
}

/** A program in the container that prints JSON and ends by itself. */
export interface ProgramQuestion {
  readonly name: string;
  readonly argv: readonly string[];
}

const FACT_TIMEOUT_SECONDS = 10;

/**
 * The script that answers everything asked of a host, for the stdin of `sh`. Its output is frames (see frames.ts),
 * labelled with the index of the container in `requests`:
 *
 *     home | containers | containers-end CODE | images | images-end CODE
 *     env I | env-end I CODE | fact I J | fact-end I J ERROR SQLSTATE MESSAGE...
 *     session I | session-end I CODE | program I J | program-end I J CODE
 *
 * The body of an `-end` frame is what the program said on stderr. Sessions of psql and programs run beside the rest:
 * each is the left side of a pipe whose right side does the remaining work first and then passes on what the left side
 * wrote.
 */
export function probeScript(requests: readonly ContainerRequest[], nonce: string): string {
  const names = requests.map(({ container }) => shellWord(container)).join(" ");
  const envFiles = requests.map(({ envFile }, index) => `envfile ${index} ${shellWord(envFile)}`);
  const rest = [...envFiles, `inspect ${names}`].join("; ");
  const sessions = requests.flatMap((request, index) => [
    ...(request.facts.some(isSql) ? [sessionCommand(request, index, nonce)] : []),
    ...request.facts.flatMap((fact, place) =>
      isSql(fact) ? [] : [programCommand(request.container, fact, index, place)],
    ),
  ]);
  return `${functions(nonce)}\n${sessions.reduce((work, session) => `${session} | { ${work}; cat; }`, rest)}\n`;
}

// `err=$(... 2>&1 >&3)`: stdout goes through as it comes, stderr is kept for the frame after it.
function functions(nonce: string): string {
  return `export LC_ALL=C
mark() { printf '\\n%s %s\\n' ${nonce} "$*"; }
run() { { err=$("$@" 2>&1 >&3 3>&-); code=$?; } 3>&1; }
end() { mark "$1-end" $2 $code; printf %s "$err"; }
program() { at="$1 $2"; shift 2; mark program $at; run "$@" </dev/null; mark program-end $at $code; printf %s "$err"; }
envfile() { [ -e "$2" ] || return 0; mark env $1; run cat "$2"; end env $1; }
session() { i=$1; shift; mark session $i; run "$@"; end session $i; }
inspect() {
  mark home; pwd
  out=$(run docker inspect --type container --format '{{.Image}} {{json .}}' "$@"; end containers)
  mark containers; printf '%s\\n' "$out"
  images=$(printf '%s\\n' "$out" | while read -r image rest; do case $image in sha256:*) printf '%s ' "$image";; esac; done)
  [ -n "$images" ] || return 0
  mark images; run docker image inspect --format '{{json .}}' $images; end images
}`;
}

function sessionCommand(request: ContainerRequest, index: number, nonce: string): string {
  const options = { statementTimeoutSeconds: FACT_TIMEOUT_SECONDS, readOnly: true, stopOnError: false };
  const texts = request.facts.map((fact, place) =>
    isSql(fact) ? factText(fact, `${index} ${place}`, nonce) : "",
  );
  // printf is built into the shell: the text is in no process's arguments.
  return `printf %s ${shellWord(texts.join(""))} | session ${index} ${shellCommand(psqlArgv(request.container, options))}`;
}

function programCommand(container: string, { argv }: ProgramQuestion, index: number, place: number): string {
  return `program ${index} ${place} ${shellCommand(["docker", "exec", container, ...argv])}`;
}

function isSql(fact: FactQuestion): fact is SqlQuestion {
  return "sql" in fact;
}

function factText(fact: SqlQuestion, label: string, nonce: string): string {
  return [
    setVariables(fact.params),
    `\\echo ${nonce} fact ${label}\n`,
    terminated(fact.sql),
    `\\echo ${nonce} fact-end ${label} :ERROR :SQLSTATE :LAST_ERROR_MESSAGE\n`,
    unsetVariables(fact.params),
  ].join("");
}
