# shellcheck shell=bash
# Both hosts of the pair back to empty, whatever a test did to them: paused, stopped, disconnected, full of containers;
# and none of its services.

lab_reset() {
  prepare_dot_lab
  # Not while the lab goes up or down; other pairs may be reset at the same time.
  exec 9>"$DOT_LAB/lock"
  flock -s -w 600 9 || die 'another lab command of this checkout is still running'
  engine_answers || die 'the lab is not up'
  has_pair
  local name pids=()
  for name in "$FIRST" "$SECOND"; do
    host_reset "$name" & pids+=($!)
  done
  wait_for "${pids[@]}"
  services_remove
}

host_reset() {
  local container=$LAB-$1
  case $(dk inspect -f '{{.State.Status}}' "$container") in
    paused) dk unpause "$container" >/dev/null ;;
    running) ;;
    *) dk start "$container" >/dev/null ;;
  esac
  dk network connect --ip "$(address "$1")" "$LAB" "$container" 2>/dev/null || true # fails when connected
  host_wait "$1"
  host_exec "$1" lab-reset >/dev/null
}
