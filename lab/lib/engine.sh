# shellcheck shell=bash
# Which docker engine the lab runs on: one that answers and can pull (then with the real images), or a private one.

# The engine's address is in the state while the lab is up.
engine_address() { [ -f "$STATE/engine" ] && cat "$STATE/engine"; }
engine_is_private() { [ "$(engine_address)" = "unix://$RUN/docker.sock" ]; }
dk() { docker -H "$(engine_address)" "$@"; }
# For `create` and `run`: without the engine's warnings, which repeat that the lab has no way out.
dk_new() { dk "$@" 2> >(grep -v '^WARNING: ' >&2); }
engine_answers() { engine_address >/dev/null && timeout 10 docker -H "$(engine_address)" version >/dev/null 2>&1; }

# The user's own engine, if it answers and can pull; if not, why is in the state. A lab's private engine is never taken
# for one.
find_pulling_engine() {
  local address=${DOCKER_HOST:-unix:///var/run/docker.sock}
  [[ $address != *kamal-backup-lab-* ]] || address=unix:///var/run/docker.sock
  {
    command -v docker || { echo 'docker is not installed' >&2 && return 1; }
    timeout 10 docker -H "$address" version || return 1
    timeout 60 docker -H "$address" pull -q registry:2 || return 1
  } >/dev/null 2>"$STATE/no-engine"
  echo "$address"
}

engine_start() {
  local address
  if address=$(find_pulling_engine); then
    say "using the docker engine at $address, with the real images"
    echo "$address" | tee "$STATE/engine" >"$CACHE/images-on"
    lab_objects_remove # of an earlier lab here whose state was lost
    return
  fi
  can_run_privately
  echo "unix://$RUN/docker.sock" >"$STATE/engine"
  private_engine_start
}

can_run_privately() {
  local missing=() program
  for program in dockerd docker containerd runc mmdebstrap ip ssh ssh-keygen flock; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ "$(id -u)" -eq 0 ] && [ ${#missing[@]} -eq 0 ] && return
  say 'the lab needs one of the two:'
  say '  a docker engine that answers (DOCKER_HOST or the default socket) and can pull images, or'
  say '  root, and: apt-get install --no-install-recommends docker.io mmdebstrap iproute2 openssh-client procps'
  if [ "$(id -u)" -ne 0 ]; then
    say "here: not root, and no such engine: $(tail -n 1 "$STATE/no-engine")"
  else
    say "here: no such engine, and missing: ${missing[*]} (bin/setup installs them)"
  fi
  exit 1
}
