/** Files that belong to a database file: their content is part of it until it is closed. */
export const SIDE_FILES = ["-wal", "-shm", "-journal"] as const;
