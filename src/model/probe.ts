/** What one round trip to a host said of one accessory's container. */
export type ContainerProbe =
  | { readonly status: "unknown"; readonly reason: string }
  | { readonly status: "absent" }
  | PresentContainer;

export interface PresentContainer {
  readonly status: "present";
  /** As `docker inspect` prints it (docs.docker.com/reference/api/engine, ContainerInspect). */
  readonly container: DockerContainer;
  /** As `docker image inspect` prints the image the container was made from; null when it is gone from the host. */
  readonly image: DockerImage | null;
  /** The SSH user's home, which Kamal's `$PWD` stands for, without a trailing slash. */
  readonly home: string;
  /** Kamal's env file of the accessory on the host, null when it is not there. Holds secrets: never shown. */
  readonly envFile: string | null;
  /** Answers to the facts asked for, by name; empty when the container is not running. */
  readonly facts: Readonly<Record<string, FactAnswer>>;
}

/** A fact's JSON, or why it could not be had. */
export type FactAnswer = { readonly json: unknown } | { readonly error: string };

/** The part of `docker inspect` that is read here. */
export interface DockerContainer {
  readonly Id: string;
  readonly Name: string;
  /** Image id: `sha256:...` */
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  /** How often docker has restarted it by its policy since it was last started by hand. */
  readonly RestartCount: number;
  readonly Config: {
    readonly Image: string;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint: readonly string[] | null;
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
  };
  readonly HostConfig: {
    readonly Binds: readonly string[] | null;
    readonly NetworkMode: string;
    readonly PortBindings: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
    readonly RestartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
  };
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Source: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
}

export interface DockerImage {
  readonly Id: string;
  readonly Config: {
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
}
