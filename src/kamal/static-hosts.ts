import { isMasked, parseManifest, valueAt } from "./manifest.ts";

/**
 * A guess at the accessories' hosts from the text of deploy.yml alone, so that connections can be opened while Kamal
 * resolves it. Hosts that ERB or a role makes are missing. Never throws.
 */
export function staticHosts(text: string): string[] {
  const manifest = parseManifest(text);
  const accessories = "error" in manifest ? undefined : valueAt(manifest.value, ["accessories"]);
  if (typeof accessories !== "object" || accessories === null) return [];
  const hosts = Object.values(accessories).flatMap((block: unknown) => {
    const several = valueAt(block, ["hosts"]);
    return [valueAt(block, ["host"]), ...(Array.isArray(several) ? several : [])];
  });
  return [...new Set(hosts.filter((host): host is string => typeof host === "string" && !isMasked(host)))];
}
