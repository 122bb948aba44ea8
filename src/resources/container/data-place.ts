import type { DockerContainer } from "../../model/probe.ts";

export interface Mount {
  /** A directory of the host or a named volume; undefined for what goes with the container. */
  readonly source: string | undefined;
  readonly destination: string;
}

/** The mounts of a container; anonymous volumes and tmpfs have no source that a new container would get. */
export function mountsOf(container: DockerContainer): Mount[] {
  return container.Mounts.map((mount) => {
    const source = mount.Type === "volume" ? mount.Name : mount.Source;
    return { source: isLost(mount) ? undefined : source, destination: mount.Destination };
  });
}

/** The mount that a path of the container lies on: the deepest. */
export function coveringMount(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts
    .filter(({ destination }) => path === destination || path.startsWith(destination.replace(/\/?$/, "/")))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
}

/** Where Postgres is told to look for its data: a flag of the command line, else PGDATA; null where neither says. */
export function dataPath(env: readonly string[], cmd: readonly string[]): string | null {
  const flag = cmd.flatMap((word, index) => {
    if (word === "-D") return [cmd[index + 1] ?? ""];
    const match = /^(?:-D|(?:-c|--)?data[_-]directory=)(.+)$/.exec(word);
    return match === null ? [] : [match[1] as string];
  });
  const line = env.find((entry) => entry.startsWith("PGDATA="));
  return flag.at(-1) ?? line?.slice("PGDATA=".length) ?? null;
}

/** Docker names a volume that nobody named by 64 hexadecimal digits. */
function isLost(mount: { readonly Type: string; readonly Name?: string }): boolean {
  return mount.Type === "tmpfs" || (mount.Type === "volume" && /^[0-9a-f]{64}$/.test(mount.Name ?? ""));
}
