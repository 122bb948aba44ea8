# shellcheck shell=bash
# Images. A folder images/NAME is a recipe:
#   real            the image to pull instead, on an engine that can pull (then nothing below is used)
#   packages        Debian packages of its root file system, made with mmdebstrap
#   essential-hook  run by mmdebstrap before those packages are installed
#   base            instead of packages: the name of another recipe to build upon
#   Dockerfile      built upon that (ARG BASE)
#   tags            the names under which it is pushed to the lab's registry
recipe() { echo "$LAB_DIR/images/$1"; }

# The folders a change of which makes another image.
recipe_folders() {
  recipe "$1"
  [ ! -f "$(recipe "$1")/base" ] || recipe_folders "$(cat "$(recipe "$1")/base")"
}

# Tagged with the hash of its recipe: an image that exists is up to date.
image_name() {
  local folders
  mapfile -t folders < <(recipe_folders "$1")
  echo "$LAB/$1:$(files_hash "${folders[@]}" "$LAB_DIR/lib/rootfs.sh")"
}

image_exists() { dk image inspect "$(image_name "$1")" >/dev/null 2>&1; }

image_remove_old() {
  local old
  old=$(dk images --format '{{.Repository}}:{{.Tag}}' "$LAB/$1")
  # shellcheck disable=SC2086
  [ -z "$old" ] || dk rmi -f $old >/dev/null
}

# image_build NAME: into the engine, from its real image, its base or its root file system.
image_build() {
  local name=$1 dir base
  dir=$(recipe "$name")
  image_exists "$name" && return
  image_remove_old "$name"
  if [ -f "$dir/real" ] && ! engine_is_private; then
    quietly "$STATE/pull-$name.log" dk pull "$(cat "$dir/real")"
    dk tag "$(cat "$dir/real")" "$(image_name "$name")"
    return
  fi
  if [ -f "$dir/base" ]; then
    image_build "$(cat "$dir/base")"
    base=$(image_name "$(cat "$dir/base")")
  elif engine_is_private; then
    rootfs_create "$name"
    base=$LAB/$name-rootfs
    dk import "$(rootfs_file "$name")" "$base" >/dev/null
  else
    base=debian:$SUITE-slim
  fi
  quietly "$STATE/build-$name.log" dk build --build-arg "BASE=$base" --label "$LABEL" -t "$(image_name "$name")" "$dir"
}
