# shellcheck shell=bash
# Images. A folder images/NAME is a recipe:
#   real            the image to pull instead, on an engine that can pull (then nothing below is used)
#   packages        Debian packages of its root file system, made with mmdebstrap; suite, variant: when not trixie, minbase
#   essential-hook  run by mmdebstrap before those packages are installed; customize-hook: after
#   base            instead of packages: the name of another recipe to build upon
#   import          instead of both: a program that writes the root file system as a tar
#   depends         more files of the checkout that it needs; the Dockerfile finds them beside itself
#   Dockerfile      built upon that (ARG BASE); one that says ARG NODE or ARG RESTIC gets the image of that name, too
#   tags            the names under which it is pushed to the lab's registry
#   demand          not part of the seed: built and pushed by `lab/lab image NAME` only
# NAME-15 and NAME-18 are the recipe NAME with another major of PostgreSQL: @MAJOR@ in these files, ARG PG_MAJOR and
# the lines of build-args-MAJOR in its Dockerfile.
recipe() { if [ -d "$LAB_DIR/images/$1" ]; then echo "$LAB_DIR/images/$1"; else echo "$LAB_DIR/images/${1%-*}"; fi; }
major() { if [ -d "$LAB_DIR/images/$1" ]; then echo 17; else echo "${1##*-}"; fi; }
# recipe_file NAME FILE: its text; nothing when there is none.
recipe_file() { ! [ -f "$(recipe "$1")/$2" ] || sed "s/@MAJOR@/$(major "$1")/g" "$(recipe "$1")/$2"; }

# The files and folders a change of which makes another image.
recipe_folders() {
  local name
  recipe "$1"
  recipe_file "$1" depends | sed "s,^,$CHECKOUT/,"
  for name in $(recipe_file "$1" base) $(recipe_parts "$1"); do recipe_folders "$name"; done
}

# Of node and restic, those whose programs its Dockerfile copies.
recipe_parts() {
  recipe_file "$1" Dockerfile | sed -n 's/^ARG \(NODE\|RESTIC\)$/\L\1/p'
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

# From the engine that is not the lab's own (the other one's data root is below .lab): the names that the lab gave. Those
# of Docker Hub, such as postgres:17, stay.
images_remove() {
  local engine images
  engine=$(cat "$CACHE/images-on" 2>/dev/null) || return 0
  images=$(docker -H "$engine" images --format '{{.Repository}}:{{.Tag}}' --filter "reference=$LAB/*") ||
    die "the engine at $engine does not answer: the lab's images are still there"
  # shellcheck disable=SC2086
  [ -z "$images" ] || docker -H "$engine" rmi -f $images >/dev/null
  docker -H "$engine" image prune -f --filter "label=$LABEL" >/dev/null
}

# image_build NAME: into the engine, from its real image, its base or its root file system.
image_build() {
  local name=$1 dir base part arguments=()
  dir=$(recipe "$name")
  image_exists "$name" && return
  image_remove_old "$name"
  if [ -f "$dir/real" ] && ! engine_is_private; then
    quietly "$STATE/pull-$name.log" dk pull "$(recipe_file "$name" real)"
    dk tag "$(recipe_file "$name" real)" "$(image_name "$name")"
    return
  fi
  if [ -f "$dir/base" ]; then
    image_build "$(cat "$dir/base")"
    base=$(image_name "$(cat "$dir/base")")
  elif [ -f "$dir/import" ]; then
    base=$LAB/$name-rootfs
    CHECKOUT=$CHECKOUT "$dir/import" | dk import - "$base" >/dev/null
  elif engine_is_private; then
    rootfs_create "$name"
    base=$LAB/$name-rootfs
    dk import "$(rootfs_file "$name")" "$base" >/dev/null
  else
    base=debian:$(suite "$name")-slim
  fi
  if [ ! -f "$dir/Dockerfile" ]; then
    dk tag "$base" "$(image_name "$name")"
    return
  fi
  for part in $(recipe_parts "$name"); do
    image_build "$part"
    arguments+=(--build-arg "${part^^}=$(image_name "$part")")
  done
  for part in PG_MAJOR="$(major "$name")" $(recipe_file "$name" "build-args-$(major "$name")"); do
    arguments+=(--build-arg "$part")
  done
  quietly "$STATE/build-$name.log" dk build --build-arg "BASE=$base" "${arguments[@]}" --label "$LABEL" \
    -t "$(image_name "$name")" - < <(image_context "$name")
}

image_context() {
  local file more=()
  for file in $(recipe_file "$1" depends); do more+=(-C "$CHECKOUT/$(dirname "$file")" "$(basename "$file")"); done
  tar -c --owner 0 --group 0 -C "$(recipe "$1")" . "${more[@]}"
}

# image_push IMAGE TAG: to the lab's registry. From an engine of our own directly, which then sends only layers that the
# registry has not; another one does not know the registry, so by way of the pair's first host: in the other pairs a test
# may have stopped it.
image_push() {
  if engine_is_private; then
    local there
    there=$(address registry):5000/$2
    dk tag "$1" "$there"
    quietly "$STATE/push.log" dk push "$there"
    dk rmi "$there" >/dev/null
  else
    dk save "$1" | host_exec "$FIRST" docker load >/dev/null
    host_exec "$FIRST" docker tag "$1" "$REGISTRY/$2" </dev/null
    quietly "$STATE/push.log" host_exec "$FIRST" docker push "$REGISTRY/$2" </dev/null
    host_exec "$FIRST" docker rmi "$1" </dev/null >/dev/null
  fi
}

# What is in the registry already, by name, is noted in the state; `down` forgets it.
lab_image() {
  local name tag
  engine_answers || die 'the lab is not up'
  [ $# -gt 0 ] || die "usage: lab/lab image NAME...   ($(demanded_images | paste -sd' '))"
  for name in "$@"; do
    [ -f "$(recipe "$name")/tags" ] || die "no such image: $name (there are: $(demanded_images | paste -sd' '))"
    image_build "$name"
    [ "$(cat "$STATE/pushed-$name" 2>/dev/null)" != "$(image_name "$name")" ] || continue
    for tag in $(recipe_file "$name" tags); do
      image_push "$(image_name "$name")" "$tag"
      say "pushed $REGISTRY/$tag"
    done
    image_name "$name" >"$STATE/pushed-$name"
  done
}

demanded_images() {
  local file
  echo postgres-15
  echo postgres-18
  for file in "$LAB_DIR"/images/*/demand; do
    [ ! -f "${file%demand}tags" ] || basename "$(dirname "$file")"
  done
}

# restic as the agent's image has it, for the tests that run on this machine.
restic_extract() {
  local id
  image_build restic
  mkdir -p "$DOT_LAB/bin"
  id=$(dk_new create "$(image_name restic)" restic)
  dk cp "$id:/usr/bin/restic" "$DOT_LAB/bin/restic" >/dev/null
  dk rm "$id" >/dev/null
}
