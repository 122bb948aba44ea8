/** restic's exit statuses since 0.17 (restic help backup): the ones that say more than "failed". */
export const RESTIC_EXIT = {
  /** Some source could not be read; a snapshot of the rest WAS made. */
  incomplete: 3,
  noRepository: 10,
  locked: 11,
  wrongPassword: 12,
} as const;
