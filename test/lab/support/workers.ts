/** Test files that run side by side, each on its own pair of hosts: most of a file's time is waiting. bin/test says it too. */
export const WORKERS = 2;
