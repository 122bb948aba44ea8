# shellcheck shell=bash
# A Kamal app as its developer has it. A folder scenarios/NAME is data:
#   base           the name of a scenario whose files come first; this one's then replace them, file by file
#   app/           the tree of the checkout, with @PLACEHOLDERS@
#   boot           kamal's arguments, a line for each command to run
#   seed/NAME.sql  data for the container NAME, wherever it runs; must do nothing the second time

lab_app() {
  local dir='' scenario=teamyap
  while [ $# -gt 0 ]; do
    case $1 in
      --scenario) scenario=${2:-}; shift 2 ;;
      -*) die "app: no such option: $1" ;;
      *) dir=$1; shift ;;
    esac
  done
  [ -n "$dir" ] || die 'usage: lab/lab app DIR [--scenario NAME]'
  [ -d "$LAB_DIR/scenarios/$scenario" ] || die "no such scenario: $scenario (there are: $(ls -m "$LAB_DIR/scenarios"))"
  engine_answers || die 'the lab is not up'
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  app_files "$scenario" "$dir"
  app_commit "$dir"
  app_boot "$scenario" "$dir"
  app_seed "$scenario"
}

# scenario_part NAME PART: the path of that part, its own or its base's; fails when there is none.
scenario_part() {
  local folder=$LAB_DIR/scenarios/$1
  if [ -e "$folder/$2" ]; then
    echo "$folder/$2"
  elif [ -f "$folder/base" ]; then
    scenario_part "$(cat "$folder/base")" "$2"
  else
    return 1
  fi
}

app_files() {
  local folder=$LAB_DIR/scenarios/$1 dir=$2 file target
  [ ! -f "$folder/base" ] || app_files "$(cat "$folder/base")" "$dir"
  [ -d "$folder/app" ] || return 0
  (cd "$folder/app" && find . -type f -print0) | while IFS= read -r -d '' file; do
    target=$dir/$file
    mkdir -p "$(dirname "$target")"
    rm -f "$target"
    case $file in
      ./.kamal/secrets*) (umask 077 && substitute <"$folder/app/$file" >"$target") ;;
      *) substitute <"$folder/app/$file" >"$target" && chmod "$(stat -c %a "$folder/app/$file")" "$target" ;;
    esac
  done
}

# Secrets stay out of git, as Kamal advises for plain values. An empty HOME has no user.name.
app_commit() {
  local git=(git -C "$1" -c user.name=lab -c user.email=lab@lab.invalid -c commit.gpgsign=false -c init.defaultBranch=main)
  [ -d "$1/.git" ] || "${git[@]}" init -q
  mkdir -p "$1/.git/info"
  printf '.kamal/secrets*\n' >"$1/.git/info/exclude"
  "${git[@]}" add -A
  "${git[@]}" diff --cached --quiet 2>/dev/null || "${git[@]}" commit -qm 'The app'
}

app_boot() {
  local boot arguments
  boot=$(scenario_part "$1" boot) || return 0
  while read -ra arguments; do
    [ ${#arguments[@]} -eq 0 ] || (cd "$2" && quietly "$STATE/kamal.log" kamal "${arguments[@]}" </dev/null)
  done <"$boot"
}

app_seed() {
  local folder file container host
  folder=$(scenario_part "$1" seed) || return 0
  for file in "$folder"/*.sql; do
    [ -f "$file" ] || continue
    container=$(basename "$file" .sql)
    host=$(host_of_container "$container") || die "seed: no host runs $container"
    # shellcheck disable=SC2016 # the container expands them
    # Over TCP: during initialization the image's temporary server answers on the socket.
    wait_until 60 "$container to accept connections" \
      host_exec "$host" docker exec "$container" sh -c 'pg_isready -q -h 127.0.0.1 -U "$POSTGRES_USER"' </dev/null
    # shellcheck disable=SC2016
    quietly "$STATE/seed.log" host_exec "$host" docker exec -i "$container" \
      sh -c 'psql -qX1 -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"' <"$file"
  done
}

host_of_container() {
  local name
  for name in "$FIRST" "$SECOND"; do
    host_exec "$name" docker inspect "$1" </dev/null >/dev/null 2>&1 && echo "$name" && return
  done
  return 1
}
