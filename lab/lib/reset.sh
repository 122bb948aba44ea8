# shellcheck shell=bash
# Both hosts back to empty, whatever a test did to them: paused, stopped, disconnected, full of containers; no service.

lab_reset() {
  engine_answers || die 'the lab is not up'
  local name pids=()
  for name in "${HOSTS[@]}"; do
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
