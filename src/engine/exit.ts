/** Every exit status; the help and the docs are made from it. An error weighs most, then unknown, then changes. */
export const EXITS = {
  0: "nothing to change (plan), no drift (drift), all done (apply), valid (validate)",
  2: "changes to apply (plan), drift or a health finding (drift)",
  3: "something could not be observed; what could be is shown",
  1: "an error; nothing more was done",
  130: "interrupted by Ctrl-C (SIGINT); the lock is released",
  143: "interrupted by SIGTERM; the lock is released",
} as const;

export type ExitStatus = keyof typeof EXITS;
