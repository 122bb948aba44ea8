#!/usr/bin/env bash
# Entry of the stand-in postgres image. Contract: docker.com's page of the official image, "How to extend this image".
set -Eeo pipefail

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# X or X_FILE, never both.
from_file() {
  local var=$1 file=$1_FILE value=${2:-}
  [ -z "${!var:-}" ] || [ -z "${!file:-}" ] || fail "both $var and $file are set (but are exclusive)"
  if [ -n "${!var:-}" ]; then
    value=${!var}
  elif [ -n "${!file:-}" ]; then
    value=$(<"${!file}")
  fi
  export "$var"="$value"
  unset "$file"
}

wants_server() {
  local word
  [ "${1:-}" = postgres ] || return 1
  for word in "$@"; do
    case $word in -'?' | --help | --describe-config | -V | --version) return 1 ;; esac
  done
}

prepare_directories() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 00700 "$PGDATA" || true
  chmod 03775 /var/run/postgresql || true
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || mkdir -p "$POSTGRES_INITDB_WALDIR"
  [ "$(id -u)" = 0 ] || return 0
  find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \! -user postgres -exec chown postgres '{}' +
  find /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
}

read_settings() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail 'Database is uninitialized and superuser password is not specified. Set POSTGRES_PASSWORD to a non-empty value.'
  fi
}

create_cluster() {
  local waldir=()
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || waldir=(--waldir "$POSTGRES_INITDB_WALDIR")
  # shellcheck disable=SC2086 # several arguments in one variable: that is the contract
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${waldir[@]}" $POSTGRES_INITDB_ARGS
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}" >>"$PGDATA/pg_hba.conf"
}

sql() { PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"; }

create_database() {
  [ "$POSTGRES_DB" != postgres ] || return 0
  sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        printf '%s: running %s\n' "$0" "$file"
        # shellcheck source=/dev/null
        if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) sql --dbname "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
      *.sql.xz) xzcat "$file" | sql --dbname "$POSTGRES_DB" ;;
      *.sql.zst) zstd -dc "$file" | sql --dbname "$POSTGRES_DB" ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) printf '%s: ignoring %s\n' "$0" "$file" ;;
    esac
  done
}

# The temporary server hears the socket only: nobody outside may take it for the real one.
initialize() {
  [ "$1" != postgres ] || shift
  read_settings
  create_cluster "$@"
  export PGPASSWORD=${PGPASSWORD-$POSTGRES_PASSWORD}
  pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@" -c listen_addresses='' -p "${PGPORT:-5432}")" -w start
  create_database
  run_init_files
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

main() {
  [ "${1:0:1}" != - ] || set -- postgres "$@"
  if wants_server "$@"; then
    prepare_directories
    [ "$(id -u)" != 0 ] || exec gosu postgres "${BASH_SOURCE[0]}" "$@"
    if [ -s "$PGDATA/PG_VERSION" ]; then
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
      initialize "$@"
    fi
  fi
  exec "$@"
}

main "$@"
