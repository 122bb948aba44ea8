import type { KamalOptions } from "./cli.ts";

/**
 * Paths, relative to `cwd`, of the files that Kamal merges: deploy.yml, then with a destination its own
 * (`deploy.staging.yml`). Whether they exist is not looked at (lib/kamal/configuration.rb, destination_config_file).
 */
export function deployFiles(options: Pick<KamalOptions, "configFile" | "destination">): string[] {
  const base = options.configFile ?? "config/deploy.yml";
  if (options.destination === null) return [base];
  return [base, `${base.replace(/(?<=[^/])\.[^./]*$/, "")}.${options.destination}.yml`];
}
