# shellcheck shell=bash
# The seed: what registry and hosts hold when they are new, i.e. every image that has `tags`. Loading and pushing takes
# half a minute, so it is done once, kept as two tar files, and put into the volumes of each new lab.

# File capabilities, and overlay2's mark of a replaced directory; its other marks name inodes of one file system.
SEED_XATTRS=(--xattrs --xattrs-include='security.*' --xattrs-include='trusted.overlay.opaque')

seed_images() {
  local tags
  for tags in "$LAB_DIR"/images/*/tags; do
    [ -f "${tags%tags}demand" ] || basename "$(dirname "$tags")"
  done
}

seed_dir() {
  local kind=real name
  ! engine_is_private || kind=standin
  echo "$CACHE/seed-$kind-$({ for name in $(seed_images); do image_name "$name"; done; agent_layers_hash; } | sha256sum | cut -c1-12)"
}

seed_create() {
  # shellcheck disable=SC2034 # image_push goes by it; only host1 runs, whatever LAB_PAIR says
  local dir name tag FIRST=host1
  dir=$(seed_dir)
  [ ! -d "$dir" ] || return 0
  say 'filling registry and hosts for the first time'
  rm -rf "$CACHE"/seed-*
  mkdir "$dir.part"
  registry_run
  host_run host1
  host_wait host1
  for name in $(seed_images); do
    image_build "$name"
    for tag in $(recipe_file "$name" tags); do
      image_push "$(image_name "$name")" "$tag"
      quietly "$STATE/pull.log" host_exec host1 docker pull "$REGISTRY/$tag" </dev/null
    done
  done
  agent_layers_seed
  # Only the image store: nothing in it belongs to one daemon alone, and a push has written the digests that make a
  # later `docker pull` find everything there.
  host_exec host1 tar -c "${SEED_XATTRS[@]}" -C /var/lib/docker image overlay2 >"$dir.part/docker.tar"
  dk cp "$LAB-registry:/var/lib/registry/." - >"$dir.part/registry.tar"
  containers_remove
  mv "$dir.part" "$dir"
}

# seed_into VOLUME TAR: through a container, since the engine may be on another machine.
seed_into() {
  dk volume create --label "$LABEL" "$1" >/dev/null
  dk_new run --rm -i --network none --cap-add SYS_ADMIN --label "$LABEL" --entrypoint tar -v "$1:/seed" "$(image_name host)" \
    -x "${SEED_XATTRS[@]}" -C /seed <"$2"
}

# The same on a private engine, without reading or writing the layers: docker never writes into the files of a layer,
# so the hosts can share them as hard links. What docker or the registry may rewrite in place is copied. The unpacked
# seed lies below the engine's data root, because dockerd mounts that onto itself, and no hard link crosses a mount.
seed_link() {
  local volume unpacked
  unpacked=$ENGINE/$(basename "$(dirname "$2")")-$(basename "$2" .tar)
  dk volume create --label "$LABEL" "$1" >/dev/null
  volume=$(dk volume inspect -f '{{.Mountpoint}}' "$1")
  [ -d "$unpacked" ] || seed_unpack "$2" "$unpacked"
  [ ! -d "$unpacked/overlay2" ] || cp -al "$unpacked/overlay2" "$volume/"
  find "$unpacked" -mindepth 1 -maxdepth 1 ! -name overlay2 -exec cp -a -t "$volume" {} +
}

seed_unpack() {
  rm -rf "$2.part" "$ENGINE"/seed-*-"$(basename "$1" .tar)"
  mkdir "$2.part"
  tar -x "${SEED_XATTRS[@]}" -C "$2.part" -f "$1"
  mv "$2.part" "$2"
}

seed_restore() {
  local dir name how=seed_into
  dir=$(seed_dir)
  ! engine_is_private || how=seed_link
  $how "$LAB-registry" "$dir/registry.tar"
  for name in $(hosts); do
    $how "$LAB-$name-docker" "$dir/docker.tar"
  done
}
