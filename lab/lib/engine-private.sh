# shellcheck shell=bash
# A dockerd of the lab's own. It shares nothing with a user's docker: no default bridge, no iptables rules, no
# forwarding, its own containerd namespace, and every process below one cgroup, so that a crash leaves no unknowns.

private_engine_start() {
  mkdir -p "$RUN" "$ENGINE"
  rm -f "$ENGINE/clean"
  echo '{ "insecure-registries": ["10.77.0.0/16"] }' >"$RUN/daemon.json" # or it reads /etc/docker/daemon.json
  setsid nohup dockerd --config-file "$RUN/daemon.json" \
    --data-root "$ENGINE" --exec-root "$RUN/exec" --pidfile "$RUN/docker.pid" -H "unix://$RUN/docker.sock" \
    --bridge none --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false \
    --containerd-namespace "$LAB" --containerd-plugins-namespace "$LAB-plugins" \
    --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$LAB" \
    </dev/null >"$STATE/dockerd.log" 2>&1 9>&- &
  wait_until 30 "dockerd to answer; see $STATE/dockerd.log" engine_answers
}

# Ends the engine and all that ran on it. After a crash (a killed dockerd leaves containers, mounts, a bridge) its
# images go too; after a clean end they stay as a cache.
private_engine_remove() {
  ! { engine_is_private && engine_answers && lab_objects_remove; } || { mkdir -p "$ENGINE" && touch "$ENGINE/clean"; }
  kill_and_wait TERM "$(pids_of_engine dockerd)"
  kill_and_wait KILL "$(pids_of_engine dockerd) $(pids_of_engine containerd) $(pids_in_cgroup)"
  kill_and_wait KILL "$(pids_of_engine containerd-shim)"
  unmount_below "$RUN" "$ENGINE"
  ip link delete "$(bridge_name)" 2>/dev/null || true
  remove_cgroups
  rm -rf "$RUN"
  [ ! -e "$ENGINE" ] || [ -e "$ENGINE/clean" ] || {
    say 'cleaned up after a crash'
    rm -rf "$ENGINE"
  }
}

# Processes of this lab's engine whose program name starts with $1: our run directory or namespace is in their command line.
pids_of_engine() {
  local dir command
  for dir in /proc/[0-9]*; do
    command=$({ tr '\0' ' ' <"$dir/cmdline"; } 2>/dev/null) || continue
    [[ ${command%% *} == *"$1"* && $command == *"$LAB"* ]] && echo "${dir#/proc/}"
  done
  return 0
}

cgroup_roots() { find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$LAB" 2>/dev/null || true; }

pids_in_cgroup() {
  local root
  cgroup_roots | while read -r root; do
    find "$root" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done | sort -u
}

remove_cgroups() {
  local root
  cgroup_roots | while read -r root; do
    find "$root" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

has_command_line() { { tr -d '\0' <"/proc/$1/cmdline"; } 2>/dev/null | grep -q .; }

# kill_and_wait SIGNAL PIDS: until they are gone (a zombie counts as gone), 20 s at most.
kill_and_wait() {
  local signal=$1 tries=100 pid left
  local -a pids
  read -ra pids <<<"${2//$'\n'/ }"
  [ ${#pids[@]} -gt 0 ] || return 0
  kill "-$signal" "${pids[@]}" 2>/dev/null || true
  while ((tries-- > 0)); do
    left=0
    for pid in "${pids[@]}"; do
      has_command_line "$pid" && left=1
    done
    [ $left -eq 1 ] || return 0
    sleep 0.2
  done
}

# Deepest mount points first.
unmount_below() {
  local prefix mount
  for prefix in "$@"; do
    awk -v p="$prefix" '$2 == p || index($2, p "/") == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mount; do
      umount -l "$mount" 2>/dev/null || true
    done
  done
}
