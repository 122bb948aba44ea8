/**
 * An accessory as `docker run` gets it from Kamal: the resolved configuration, before and after our edits. Values are
 * what the container ends up with, so that they compare with `docker inspect`.
 */
export interface Accessory {
  /** The key under `accessories:` in deploy.yml. */
  readonly name: string;
  /** Container, directory and label name: the accessory's `service`, or `<service>-<name>`, without the destination. */
  readonly container: string;
  /** Every host it runs on, as deploy.yml names it. */
  readonly hosts: readonly string[];
  /** With the registry's server in front where Kamal puts it. */
  readonly image: string;
  /** As deploy.yml has it; null: the image's own. The host's shell parses it. */
  readonly cmd: string | null;
  readonly env: {
    readonly clear: Readonly<Record<string, string>>;
    /** Name in the container -> name in `.kamal/secrets` (Kamal's `NAME:ALIAS` form). */
    readonly secret: Readonly<Record<string, string>>;
  };
  /** As `--publish` gets it: `10.0.1.2:5432:5432`. */
  readonly port: string | null;
  /** As `--volume` gets it, from volumes, files and directories; `$PWD` stands for the SSH user's home. */
  readonly volumes: readonly string[];
  /** `local:remote` of the accessory's `files:`. */
  readonly files: readonly string[];
  /** Without Kamal's own `service` label. */
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  readonly restart: string;
  /** The rest of `options:`, by name; a flag without a value is true. */
  readonly options: Readonly<Record<string, string | true | readonly string[]>>;
}
