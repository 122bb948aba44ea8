# shellcheck shell=bash
# up and down. There are only two states: healthy, or torn down and made anew.

lab_healthy() {
  local name
  [ "$(cat "$STATE/complete" 2>/dev/null)" = "$(files_hash "$LAB_DIR/images" "$LAB_DIR/lib")" ] || return 1
  engine_answers && registry_answers || return 1
  for name in $(hosts); do host_answers "$name" || return 1; done
}

lab_up() {
  local pairs=1
  case ${1:-} in
    '') ;;
    --pairs) pairs=${2:-} ;;
    *) die "up takes --pairs only, not $1" ;;
  esac
  [[ $pairs =~ ^[1-4]$ ]] || die "up --pairs takes 1 to 4"
  if [ "$PAIRS" -ge "$pairs" ] && lab_healthy; then
    say "up already: $(lab_hosts)"
    return
  fi
  lab_remove
  prepare_dot_lab
  PAIRS=$pairs
  echo "$PAIRS" >"$STATE/pairs"
  engine_start
  rootfs_create_all
  image_build host &
  local pids=($!) name
  image_build registry &
  wait_for "${pids[@]}" $!
  network_create
  keys_create
  ssh_files_write
  seed_create
  restic_extract
  seed_restore
  registry_run & pids=($!)
  for name in $(hosts); do
    host_run "$name" & pids+=($!)
  done
  wait_for "${pids[@]}"
  for name in $(hosts); do host_wait "$name"; done
  wait_until 20 'the registry to answer' registry_answers
  files_hash "$LAB_DIR/images" "$LAB_DIR/lib" >"$STATE/complete"
  say "up in ${SECONDS} s: $(lab_hosts), $REGISTRY at $(address registry)"
}

lab_hosts() { for name in $(hosts); do echo "$name $(address "$name"),"; done | paste -sd' ' | sed 's/,$//'; }

# The lab may be up with fewer pairs than LAB_PAIR asks for.
# shellcheck disable=SC2153 # of paths.sh
has_pair() { [[ $PAIR =~ ^[1-9]$ && $PAIR -le $PAIRS ]] || die "the lab has $PAIRS pairs of hosts, not pair $PAIR: lab/lab up --pairs N"; }

# Also what a crashed run left. Keeps cache, images, keys and the chosen subnet.
lab_remove() {
  rm -f "$STATE/complete"
  if engine_address >/dev/null && ! engine_is_private; then
    if engine_answers; then
      lab_objects_remove
    else
      say "the engine at $(engine_address) does not answer: what the lab has there stays until the next up on it"
    fi
  fi
  [ "$(id -u)" -ne 0 ] || private_engine_remove
  rm -f "$STATE/engine" "$STATE"/pushed-*
}

lab_down() {
  case ${1:-} in
    '' | --cache) ;;
    *) die "down takes --cache only, not $1" ;;
  esac
  lab_remove
  [ "${1:-}" = --cache ] || return 0
  images_remove
  rm -rf "$DOT_LAB"
}
