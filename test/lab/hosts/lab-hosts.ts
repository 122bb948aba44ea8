import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHosts } from "../../../src/hosts/hosts.ts";
import type { KamalSsh } from "../../../src/kamal/types.ts";

/** A variable that `lab/lab env` prints. */
function lab(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the lab and run eval "$(lab/lab env)"`);
  return value;
}

export const host1 = lab("LAB_HOST1");
export const host2 = lab("LAB_HOST2");
/** What the second calls itself. */
export const name2 = lab("LAB_CONTAINER_HOST2").split("-").at(-1) as string;
export const key = lab("LAB_SSH_KEY");
/** On the lab's network, and nobody's. */
export const nobody = host1.replace(/\d+$/, "249");
export const knownHosts = readFileSync(lab("LAB_KNOWN_HOSTS"), "utf8");

/** A home directory with the lab's key and these known hosts. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), "hosts-"));
  readonly knownHostsFile = join(this.path, ".ssh", "known_hosts");

  constructor(known: string | null = knownHosts) {
    if (known === null) return;
    mkdirSync(join(this.path, ".ssh"), { mode: 0o700 });
    writeFileSync(this.knownHostsFile, known, { mode: 0o600 });
  }

  open(ssh: Partial<KamalSsh> = {}, acceptNewHostKeys = false, connectTimeoutSeconds = 20) {
    const config = join(this.path, "config");
    writeFileSync(config, "Host *\n  GlobalKnownHostsFile none\n");
    const plain = {
      user: "root",
      port: 22,
      proxy: null,
      proxyCommand: null,
      keys: [key],
      keysOnly: false,
      keyData: [],
    };
    return openHosts({
      ssh: { ...plain, config: [config], ...ssh },
      acceptNewHostKeys,
      env: { HOME: this.path },
      connectTimeoutSeconds,
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
