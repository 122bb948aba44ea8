# shellcheck shell=bash
# The agent's image, by the very image/Dockerfile that users build, on stand-ins for what it takes from Docker Hub.
# All but its last layer comes from packages: those layers are part of the seed (for PostgreSQL 17, under the name
# kamal-backup-layers), so that a changed agent is built, pushed and pulled in a few seconds.

# What of image/ makes the image.
agent_recipe() { printf "$CHECKOUT/image/%s\\n" Dockerfile install-missing cut kamal-backup; }

agent_base() { if [ "$1" = 17 ]; then echo postgres; else echo "postgres-$1"; fi; }

# agent_image_build MAJOR TREE NAME: of TREE/dist/agent. The engine's build cache keeps the layers before it. On an engine
# that outlives the lab the first stage gets a name, too, by which it can be removed.
agent_image_build() {
  local part
  for part in "$(agent_base "$1")" restic node; do image_build "$part"; done
  engine_is_private || agent_stage_build "$1" "$2" --target tools -t "$LAB/agent-tools:$1"
  agent_stage_build "$1" "$2" -t "$3"
}

agent_stage_build() {
  local major=$1 tree=$2
  tar -c --owner 0 --group 0 -C "$CHECKOUT" image -C "$tree" dist/agent |
    quietly "$STATE/build-agent-$major.log" dk build -f image/Dockerfile --build-arg "PG_MAJOR=$major" \
      --build-arg "BASE=$(image_name "$(agent_base "$major")")" --build-arg "RESTIC=$(image_name restic)" \
      --build-arg "NODE=$(image_name node)" --label "$LABEL" "${@:3}" -
}

agent_layers_hash() {
  local files
  mapfile -t files < <(agent_recipe)
  { files_hash "${files[@]}" && image_name postgres && image_name restic && image_name node; } | sha256sum | cut -c1-12
}

agent_layers_seed() {
  local name empty
  name=$LAB/agent-layers:$(agent_layers_hash)
  empty=$(mktemp -d)
  mkdir -p "$empty/dist/agent"
  image_remove_old agent-layers
  agent_image_build 17 "$empty" "$name"
  rm -rf "$empty"
  image_push "$name" kamal-backup-layers:17
  quietly "$STATE/pull.log" host_exec host1 docker pull "$REGISTRY/kamal-backup-layers:17" </dev/null
}

lab_agent() {
  local major
  engine_answers || die 'the lab is not up'
  [ -f "$CHECKOUT/dist/agent/main.js" ] || die 'dist/agent/main.js is missing: npm run build'
  [ $# -gt 0 ] || set -- 17
  for major in "$@"; do
    [ -n "${SUITES[$major]:-}" ] || die "no agent for PostgreSQL $major (there are: ${!SUITES[*]})"
    agent_push "$major"
  done
}

# Skipped when the registry has this very one. Hosts that have an older one under the same tag get it, too: `kamal
# accessory boot` does not pull.
agent_push() {
  local major=$1 tag=kamal-backup:1-pg$1 hash name host pids=() old files
  mapfile -t files < <(agent_recipe)
  hash=$({ files_hash "${files[@]}" "$CHECKOUT/dist/agent"
    for name in "$(agent_base "$major")" restic node; do image_name "$name"; done; } | sha256sum | cut -c1-12)
  name=$LAB/agent-$major:$hash
  if [ "$(cat "$STATE/pushed-agent-$major-$PAIR" 2>/dev/null)" = "$name" ]; then
    say "$REGISTRY/$tag is current"
    return
  fi
  old=$(dk images --format '{{.Repository}}:{{.Tag}}' "$LAB/agent-$major" | grep -vx "$name" || true)
  agent_image_build "$major" "$CHECKOUT" "$name"
  # shellcheck disable=SC2086
  [ -z "$old" ] || dk rmi $old >/dev/null
  image_push "$name" "$tag"
  for host in "$FIRST" "$SECOND"; do
    quietly "$STATE/pull-$host.log" host_exec "$host" docker pull "$REGISTRY/$tag" </dev/null & pids+=($!)
  done
  wait_for "${pids[@]}"
  echo "$name" >"$STATE/pushed-agent-$major-$PAIR"
  say "$REGISTRY/$tag is pushed, and on both hosts"
}
