import { isMasked, parseManifest } from "./manifest.ts";
import { isHash, toText, toTexts } from "./ruby-yaml.ts";
import type { RubyValue } from "./ruby-yaml.ts";

/**
 * `servers:` of deploy.yml and its destination's file, merged as Kamal does; null where ERB makes it. `kamal config`
 * leaves it out, and accessories may name its roles and tags.
 */
export function readServers(texts: readonly string[]): RubyValue | null {
  let servers: RubyValue | null = null;
  for (const text of texts) {
    const manifest = parseManifest(text);
    if ("error" in manifest || !isHash(manifest.value)) return null;
    const own = manifest.value["servers"];
    if (isMasked(own)) return null;
    if (own !== undefined) servers = isHash(servers) && isHash(own) ? deepMerge(servers, own) : own;
  }
  return servers;
}

/** Hosts of an accessory's `role`, `roles`, `tag` or `tags` (lib/kamal/configuration/accessory.rb, role.rb). */
export function hostsByRoleOrTag(servers: RubyValue | null, block: { [key: string]: RubyValue }): string[] {
  const roles = "role" in block ? toTexts(block["role"]) : toTexts(block["roles"]);
  const tags = "tag" in block ? toTexts(block["tag"]) : toTexts(block["tags"]);
  if (roles.length > 0) return roles.flatMap((role) => serversOf(servers, role).map(([host]) => host));
  // Kamal looks for tags only in roles that are plain lists.
  const lists = isHash(servers) ? Object.values(servers).filter((role) => Array.isArray(role)) : [];
  return tags.flatMap((tag) =>
    lists.flatMap((list) =>
      tagged(list).flatMap(([host, hostTags]) => (hostTags.includes(tag) ? [host] : [])),
    ),
  );
}

function serversOf(servers: RubyValue | null, role: string): [string, string | string[]][] {
  if (Array.isArray(servers)) return role === "web" ? tagged(servers) : [];
  const own = isHash(servers) ? servers[role] : null;
  if (Array.isArray(own)) return tagged(own);
  return isHash(own) ? tagged(Array.isArray(own["hosts"]) ? own["hosts"] : []) : [];
}

/** Hosts with their tags: a text or a list, both of which Kamal asks `include?`. */
function tagged(hosts: readonly RubyValue[]): [string, string | string[]][] {
  return hosts.map((host) => {
    if (!isHash(host)) return [toText(host), []];
    const [name = "", tags = null] = Object.entries(host)[0] ?? [];
    return [name, Array.isArray(tags) ? tags.map(toText) : toText(tags)];
  });
}

/** ActiveSupport's deep_merge: mappings merge, all else is replaced. */
function deepMerge(
  base: { [key: string]: RubyValue },
  over: { [key: string]: RubyValue },
): { [key: string]: RubyValue } {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isHash(below) && isHash(value) ? deepMerge(below, value) : value;
  }
  return merged;
}
