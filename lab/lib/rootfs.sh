# shellcheck shell=bash
# Root file systems made of Debian packages, kept in the cache: the stand-in for a base image that cannot be pulled.
declare -A SUITES=([15]=bookworm [17]=trixie [18]=forky) # by the major of PostgreSQL in it

suite() {
  local suite
  suite=$(recipe_file "$1" suite)
  suite=${suite:-${SUITES[$(major "$1")]:-}}
  [ -n "$suite" ] || die "no Debian suite is known to have PostgreSQL $(major "$1")"
  echo "$suite"
}

# files_hash FILE_OR_DIR...: of names and contents; what is missing counts as empty.
files_hash() {
  local path
  for path in "$@"; do
    [ ! -e "$path" ] || (cd "$(dirname "$path")" && find "$(basename "$path")" -type f -print0 | sort -z | xargs -0 sha256sum)
  done | sha256sum | cut -c1-12
}

# What it is made of, in words.
rootfs_spec() {
  suite "$1"
  recipe_file "$1" variant
  recipe_file "$1" packages
  recipe_file "$1" essential-hook
  recipe_file "$1" customize-hook
}

rootfs_file() { echo "$CACHE/rootfs-$1-$({ rootfs_spec "$1"; cat "$LAB_DIR/lib/rootfs.sh"; } | sha256sum | cut -c1-12).tar"; }

# Makes the cached root file system of a recipe, 20 to 50 s each; docs, manuals and translations left out.
rootfs_create() {
  local name=$1 file packages variant hook hooks=()
  file=$(rootfs_file "$name")
  [ ! -f "$file" ] || return 0
  packages=$(recipe_file "$name" packages | paste -sd,)
  variant=$(recipe_file "$name" variant)
  for hook in essential-hook customize-hook; do
    [ ! -f "$(recipe "$name")/$hook" ] || hooks+=("--$hook=$(recipe "$name")/$hook")
  done
  say "making the root file system of $name from Debian packages"
  rm -f "$CACHE/rootfs-$name-"????????????.*
  # A mirror of a suite that is not released may lag behind the date its list is valid until.
  quietly "$file.log" mmdebstrap --variant="${variant:-minbase}" "${hooks[@]}" --include="$packages" \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' "$(suite "$name")" "$file.part.tar"
  mv "$file.part.tar" "$file"
}

# The slow part of a first `up`, so all at once.
rootfs_create_all() {
  local packages pids=()
  engine_is_private || return 0
  for packages in "$LAB_DIR"/images/*/packages; do
    [ ! -f "${packages%packages}demand" ] || continue
    rootfs_create "$(basename "$(dirname "$packages")")" &
    pids+=($!)
  done
  wait_for "${pids[@]}"
}
