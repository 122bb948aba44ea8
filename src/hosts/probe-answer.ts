import type { ContainerProbe, DockerContainer, DockerImage, FactAnswer } from "../model/probe.ts";
import { type Frame, parseFrames } from "./frames.ts";
import type { ContainerRequest, SqlQuestion } from "./probe-script.ts";
import { redact } from "./redact.ts";

/**
 * Reads the output of the probe script. Whatever is missing or not understood makes a container unknown, with the
 * reason in words; only docker's own "No such container" makes it absent.
 */
export function readProbe(
  requests: readonly ContainerRequest[],
  nonce: string,
  stdout: string,
  stderr: string,
): Record<string, ContainerProbe> {
  const frames = new Map(
    parseFrames(stdout, nonce).map((frame) => [frame.label.slice(0, labelLength(frame)).join(" "), frame]),
  );
  return Object.fromEntries(
    requests.map((request, index) => {
      try {
        return [request.accessory, readContainer(request, index, frames, stderr)];
      } catch (error) {
        if (!(error instanceof NotUnderstood)) throw error;
        return [request.accessory, { status: "unknown", reason: error.message }];
      }
    }),
  );
}

type Frames = ReadonlyMap<string, Frame>;

class NotUnderstood extends Error {}

// What identifies a frame: its first word and the indices of container and fact, without the outcome after them.
function labelLength({ label }: Frame): number {
  if (/^(fact|program)/.test(label[0] ?? "")) return 3;
  return ["env", "env-end", "session", "session-end"].includes(label[0] ?? "") ? 2 : 1;
}

function readContainer(
  request: ContainerRequest,
  index: number,
  frames: Frames,
  stderr: string,
): ContainerProbe {
  const { container: name } = request;
  const home = frames.get("home")?.body.trim().replace(/\/+$/, "");
  const ended = frames.get("containers-end");
  if (home === undefined || ended === undefined) {
    throw new NotUnderstood(`the probe of the host gave no answer${tail(stderr)}`);
  }
  const listed = jsonLines<DockerContainer>(frames.get("containers")?.body ?? "");
  const container = listed.find((candidate) => candidate.Name === `/${name}`);
  if (container === undefined) {
    const said = ended.body.split("\n");
    if (said.some((line) => line.trim().endsWith(`No such container: ${name}`))) return { status: "absent" };
    // docker also takes a name for the beginning of an id, but only when no container has that name.
    if (/^[0-9a-f]+$/.test(name) && listed.some(({ Id }) => Id.startsWith(name))) return { status: "absent" };
    throw new NotUnderstood(`docker did not describe the container ${name}${tail(ended.body)}`);
  }
  return {
    status: "present",
    container,
    image: readImage(container, frames),
    home,
    envFile: readEnvFile(request, index, frames),
    facts: container.State.Running ? readFacts(request, index, frames) : {},
  };
}

function readImage(container: DockerContainer, frames: Frames): DockerImage | null {
  const image = jsonLines<DockerImage>(frames.get("images")?.body ?? "").find(
    ({ Id }) => Id === container.Image,
  );
  if (image) return image;
  const said = frames.get("images-end")?.body ?? "";
  if (said.includes(`No such image: ${container.Image}`)) return null;
  throw new NotUnderstood(`docker did not describe the image of ${container.Name.slice(1)}${tail(said)}`);
}

function readEnvFile(request: ContainerRequest, index: number, frames: Frames): string | null {
  const file = frames.get(`env ${index}`);
  if (file === undefined) return null;
  const ended = frames.get(`env-end ${index}`);
  if (ended?.label[2] === "0") return file.body;
  throw new NotUnderstood(`the env file ${request.envFile} cannot be read${tail(ended?.body ?? "")}`);
}

function readFacts(request: ContainerRequest, index: number, frames: Frames): Record<string, FactAnswer> {
  const session = frames.get(`session-end ${index}`);
  // Of a session that broke off: what the server or docker said, without the statement that psql shows beside it.
  // Redacted as a whole: a parameter of several lines would otherwise be cut at its first.
  const params = Object.assign({}, ...request.facts.map((fact) => ("sql" in fact ? fact.params : {})));
  const said = redact(session?.body ?? "", params)
    .split("\n")
    .filter((line) => /FATAL|PANIC|psql: error|server closed|[Ee]rror/.test(line));
  const why =
    said.at(-1)?.trim() ?? (session === undefined ? "the session gave no answer" : "the session broke off");
  return Object.fromEntries(
    request.facts.map((fact, place) => {
      if (!("sql" in fact)) return [fact.name, readProgram(index, place, frames)];
      const answer = frames.get(`fact ${index} ${place}`);
      const ended = frames.get(`fact-end ${index} ${place}`);
      if (answer === undefined || ended === undefined) return [fact.name, { error: why }];
      return [fact.name, readFact(fact, answer, ended)];
    }),
  );
}

/** What a program printed. One that failed says why on stderr, or as JSON on stdout as ours do. */
function readProgram(index: number, place: number, frames: Frames): FactAnswer {
  const printed = frames.get(`program ${index} ${place}`);
  const ended = frames.get(`program-end ${index} ${place}`);
  if (printed === undefined || ended === undefined) return { error: "the program gave no answer" };
  const json = jsonOf(printed.body);
  const code = ended.label[3];
  if (code === "0" && json !== undefined) return { json };
  if (code === "0") return { error: "the program did not print JSON" };
  const said = (json as { error?: { message?: unknown } } | undefined)?.error?.message ?? ended.body.trim();
  return {
    error: `it exited with ${code}: ${String(said).split("\n").slice(-3).join(" ") || "it said nothing"}`,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readFact(fact: SqlQuestion, answer: Frame, ended: Frame): FactAnswer {
  const [, , , failed, sqlstate, ...message] = ended.label;
  if (failed !== "false") {
    const text = [message.join(" "), ended.body].join("\n").trim();
    return { error: `${redact(text, fact.params)} (SQLSTATE ${sqlstate})` };
  }
  if (answer.body === "") return { error: "the statement returned no row" };
  const json = jsonOf(answer.body);
  return json === undefined ? { error: "the statement did not return one row of JSON" } : { json };
}

// `docker inspect` lines may start with the image's id, which the script needed by itself.
function jsonLines<T>(body: string): readonly T[] {
  return body.split("\n").flatMap((line) => {
    const start = line.indexOf("{");
    if (start < 0) return [];
    try {
      return [JSON.parse(line.slice(start)) as T];
    } catch {
      return [];
    }
  });
}

function tail(said: string): string {
  const last = said.trim().split("\n").slice(-3).join(" ");
  return last === "" ? "" : `: ${last}`;
}
