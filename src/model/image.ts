/** The Postgres major that an image's tag names: 17 of `postgres:17.2-alpine`; null where the tag does not say. */
export function postgresMajor(image: string): number | null {
  const tag = /:([^/@]+)(@|$)/.exec(image)?.[1];
  const major = tag === undefined ? null : /(?:^|[^\d.])(?:pg-?)?(\d{2})(?=$|[.\-_])/i.exec(tag)?.[1];
  return major === undefined || major === null ? null : Number(major);
}

export interface DataLayout {
  /** Where the data volume is mounted in the container. */
  readonly mount: string;
  /** A directory in that mount, so that a clone can be made beside it and renamed. */
  readonly pgdata: string;
}

/**
 * Where the official image keeps its data: from 18 on the volume is /var/lib/postgresql itself
 * (hub.docker.com/_/postgres, PGDATA).
 */
export function dataLayout(major: number | null): DataLayout {
  return major !== null && major >= 18
    ? { mount: "/var/lib/postgresql", pgdata: `/var/lib/postgresql/${major}/docker` }
    : { mount: "/var/lib/postgresql/data", pgdata: "/var/lib/postgresql/data/pgdata" };
}
