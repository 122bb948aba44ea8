import { sshOf } from "./config.ts";
import { isMasked, parseManifest, valueAt } from "./manifest.ts";
import { isHash } from "./ruby-yaml.ts";
import type { RubyValue } from "./ruby-yaml.ts";
import type { KamalSsh } from "./types.ts";

/**
 * A guess at `ssh:` from the texts of deploy.yml and the destination's file alone, so that connections can be opened
 * while Kamal resolves them. Null where a proxy, a secret or ERB takes part. Never throws.
 */
export function staticSsh(texts: readonly string[]): KamalSsh | null {
  let options: { [key: string]: RubyValue } = {};
  for (const text of texts) {
    const manifest = parseManifest(text);
    if ("error" in manifest) return null;
    const own = (valueAt(manifest.value, ["ssh"]) ?? {}) as RubyValue;
    if (!isHash(own) || isMasked(own)) return null;
    options = { ...options, ...own };
  }
  return "proxy" in options || "proxy_command" in options || "key_data" in options ? null : sshOf(options);
}
