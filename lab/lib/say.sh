# shellcheck shell=bash
# Words to the user go to stderr; stdout belongs to `env` and `status`.
say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# quietly LOG COMMAND...: run it with its output in LOG, which is shown only on failure.
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    die "failed: $*"
  }
}

# wait_until SECONDS WHAT COMMAND...: poll COMMAND five times a second.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt "$deadline" ] || die "waited in vain: $what"
    sleep 0.2
  done
}

# wait_for PID...: unlike a bare `wait`, fails when one of them failed.
wait_for() {
  local pid
  for pid in "$@"; do wait "$pid" || die 'a step in the background failed (see above)'; done
}

# One command that changes the lab at a time. Whatever is started in the background must close fd 9.
lock_lab() {
  prepare_dot_lab
  exec 9>"$DOT_LAB/lock"
  flock -w 600 9 || die 'another lab command of this checkout is still running'
}
