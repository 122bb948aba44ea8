# shellcheck shell=bash
# Root file systems made of Debian packages, kept in the cache: the stand-in for a base image that cannot be pulled.
SUITE=trixie

# files_hash FILE_OR_DIR...: of names and contents; what is missing counts as empty.
files_hash() {
  local path
  for path in "$@"; do
    [ ! -e "$path" ] || (cd "$(dirname "$path")" && find "$(basename "$path")" -type f -print0 | sort -z | xargs -0 sha256sum)
  done | sha256sum | cut -c1-12
}

rootfs_file() {
  local dir
  dir=$(recipe "$1")
  echo "$CACHE/rootfs-$1-$(files_hash "$dir/packages" "$dir/essential-hook" "$LAB_DIR/lib/rootfs.sh").tar"
}

# Makes the cached root file system of a recipe, 20 to 50 s each; docs, manuals and translations left out.
rootfs_create() {
  local name=$1 file packages hook=()
  file=$(rootfs_file "$name")
  [ ! -f "$file" ] || return 0
  packages=$(paste -sd, "$(recipe "$name")/packages")
  [ ! -f "$(recipe "$name")/essential-hook" ] || hook=("--essential-hook=$(recipe "$name")/essential-hook")
  say "making the root file system of $name from Debian packages"
  rm -f "$CACHE/rootfs-$name-"????????????.*
  quietly "$file.log" mmdebstrap --variant=minbase "${hook[@]}" --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' "$SUITE" "$file.part.tar"
  mv "$file.part.tar" "$file"
}

# The slow part of a first `up`, so all at once.
rootfs_create_all() {
  local packages pids=()
  engine_is_private || return 0
  for packages in "$LAB_DIR"/images/*/packages; do
    rootfs_create "$(basename "$(dirname "$packages")")" &
    pids+=($!)
  done
  wait_for "${pids[@]}"
}
