import type { ContainerProgram } from "../../hosts/container-program.ts";
import type { AgentNode } from "../../model/topology.ts";

/**
 * An agent sees files read-only, so that nothing that goes wrong in it harms them. A restore of files is the one thing
 * that writes: in a container of its own that has the agent's image, mounts, environment, network and processes (the
 * agent's locks are the kernel's, in those two namespaces), and the same directories writable. It is gone afterwards.
 * `--volumes-from` comes first for docker, and a volume of the same place outweighs it.
 */
export function besideAgent(
  node: AgentNode,
  envFile: string,
  target: string,
  argv: readonly string[],
): ContainerProgram {
  const { container: agent, image, volumes } = node.declared ?? node.wanted;
  const name = `${agent}-restore`;
  const prefix = `/backup/${target}/`;
  const writable = volumes.flatMap((volume) => {
    const [source, destination = "", mode] = volume.split(":");
    return mode === "ro" && destination.startsWith(prefix) ? ["--volume", `${source}:${destination}`] : [];
  });
  return {
    argv: [
      "docker",
      "run",
      "--rm",
      "--name",
      name,
      "--network",
      `container:${agent}`,
      "--pid",
      `container:${agent}`,
      "--volumes-from",
      agent,
      ...writable,
      "--env-file",
      envFile,
      "--env",
      "KAMAL_BACKUP_PROGRESS=json",
      "--read-only",
      "--tmpfs",
      "/tmp",
      "--tmpfs",
      "/run",
      "--entrypoint",
      "kamal-backup",
      image,
      ...argv,
    ],
    signal: (signal) => ["docker", "kill", "--signal", signal, name],
    announces: false,
  };
}
