import type { Step } from "../../model/step.ts";
import type { RepositorySpec } from "./desired.ts";

/** Makes the repository where there is none; finds it where another agent has made it meanwhile. */
export function init({ host, container, name }: RepositorySpec): Step {
  return { run: "docker", host, argv: ["exec", container, "kamal-backup", "init", name] };
}
