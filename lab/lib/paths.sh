# shellcheck shell=bash disable=SC2034 # the other files of lib/ use these
# Where this checkout's lab keeps its things. ID tells two labs on one machine apart.
CHECKOUT=$(dirname "$LAB_DIR")
LAB_ID=$(printf %s "$CHECKOUT" | sha256sum | cut -c1-8)
LAB=kamal-backup-lab-$LAB_ID # prefix of every container, volume and network
LABEL=kamal-backup.lab=$LAB_ID

DOT_LAB=$CHECKOUT/.lab
CACHE=$DOT_LAB/cache   # root file systems, built images and the seed, keyed by recipe; survives `down`
KEYS=$DOT_LAB/keys     # ssh keys, known_hosts, ssh_config; survives `down`
STATE=$DOT_LAB/state   # subnet and engine of the running lab
ENGINE=$CACHE/engine   # data root of the private dockerd; a clean `down` leaves only images in it

# A unix socket's path is at most 107 bytes, and containerd appends to it: hence a short directory.
RUN=/run/$LAB

# Hosts come in pairs, so that tests can run side by side: host1 and host2, host3 and host4 ...
PAIRS=$(cat "$STATE/pairs" 2>/dev/null || echo 1)
PAIR=${LAB_PAIR:-1}
FIRST=host$((2 * PAIR - 1))
SECOND=host$((2 * PAIR))
hosts() { seq -f 'host%g' $((2 * PAIRS)); }
REGISTRY=registry.lab:5000

export DOCKER_CONFIG=$DOT_LAB/docker-config # never ~/.docker
export DOCKER_BUILDKIT=0 DOCKER_CLI_HINTS=false

prepare_dot_lab() {
  mkdir -p "$CACHE" "$KEYS" "$STATE" "$DOCKER_CONFIG"
  [ -f "$DOT_LAB/.gitignore" ] || echo '*' >"$DOT_LAB/.gitignore"
}
