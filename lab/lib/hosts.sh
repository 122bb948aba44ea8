# shellcheck shell=bash
# Hosts: docker in docker with sshd; and the registry they pull from.

# What dockerd in a container needs, short of --privileged, which demands capabilities that a sandbox may lack.
HOST_RIGHTS=(--cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add SYS_PTRACE --cap-add DAC_READ_SEARCH
  --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined
  --device-cgroup-rule 'a *:* rwm' --cgroupns private)

host_exec() { dk exec -i "$LAB-$1" "${@:2}" 9>&-; }

# /var/lib/docker on a volume, or overlay2 cannot stack; /root on one, so that bind mounts lie on a plain file system.
host_run() {
  local name=$1 id
  id=$(dk_new create --name "$LAB-$name" --hostname "$name" --label "$LABEL" --network "$LAB" --ip "$(address "$name")" \
    --add-host "registry.lab:$(address registry)" --dns 127.0.0.1 --init "${HOST_RIGHTS[@]}" \
    -v "$LAB-$name-docker:/var/lib/docker" -v "$LAB-$name-root:/root" "$(image_name host)")
  host_keys_tar "$name" | dk cp - "$id:/etc/ssh"
  dk start "$id" >/dev/null
}

# Host key and authorized key, owned by root whoever runs the lab.
host_keys_tar() {
  local dir
  dir=$(mktemp -d)
  cp "$KEYS/$1" "$dir/lab_host_key"
  cp "$KEYS/id.pub" "$dir/lab_authorized_keys"
  chmod 600 "$dir"/*
  tar -c --owner 0 --group 0 -C "$dir" lab_host_key lab_authorized_keys
  rm -rf "$dir"
}

# Every stop of the engine inside is seen by this: `docker version` alone answers before the daemon is ready.
host_answers() { host_exec "$1" docker info </dev/null >/dev/null 2>&1 && on "$1" true </dev/null; }
host_wait() { wait_until 60 "$1 to answer over ssh; see lab/lab status" host_answers "$1"; }

registry_run() {
  dk_new run -d --name "$LAB-registry" --hostname registry.lab --label "$LABEL" --network "$LAB" --ip "$(address registry)" \
    -e REGISTRY_STORAGE_DELETE_ENABLED=true -v "$LAB-registry:/var/lib/registry" "$(image_name registry)" >/dev/null
}
registry_answers() { (exec 3<>"/dev/tcp/$(address registry)/5000") 2>/dev/null; }

# Containers, volumes and network of this lab, whichever engine they are on.
lab_objects_remove() {
  containers_remove && { ! dk network inspect "$LAB" >/dev/null 2>&1 || dk network rm "$LAB" >/dev/null; }
}

containers_remove() {
  local ids
  ids=$(dk ps -aq --filter "label=$LABEL")
  # shellcheck disable=SC2086
  [ -z "$ids" ] || dk rm -fv $ids >/dev/null
  ids=$(dk volume ls -q --filter "name=^$LAB-")
  # shellcheck disable=SC2086
  [ -z "$ids" ] || dk volume rm -f $ids >/dev/null
}
