#!/usr/bin/env bash
# Entry of the stand-in mariadb and mysql images. Contract: docker.com's pages of the official images, "Environment
# Variables" and "Initializing a fresh instance": X, X_FILE and for MariaDB the MYSQL_X of the same meaning.
set -Eeo pipefail

DATA=/var/lib/mysql
SOCKET=/run/mysqld/mysqld.sock
if command -v mariadbd >/dev/null; then
  SERVER=mariadbd CLIENT=mariadb ADMIN=mariadb-admin
else
  SERVER=mysqld CLIENT=mysql ADMIN=mysqladmin
fi

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# setting NAME [DEFAULT]: MARIADB_NAME or MYSQL_NAME, or the content of the file that ..._FILE names.
setting() {
  local variable file
  for variable in "MARIADB_$1" "MYSQL_$1"; do
    [ $SERVER = mariadbd ] || [[ $variable == MYSQL_* ]] || continue
    file=${variable}_FILE
    [ -z "${!variable:-}" ] || [ -z "${!file:-}" ] || fail "both $variable and $file are set (but are exclusive)"
    if [ -n "${!variable:-}" ]; then echo "${!variable}"; return; fi
    if [ -n "${!file:-}" ]; then echo "$(<"${!file}")"; return; fi
  done
  echo "${2:-}"
}

quoted() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }
sql() { MYSQL_PWD=$password $CLIENT --no-defaults -uroot --protocol=socket --socket="$SOCKET" "$@"; }

create_data() {
  if [ $SERVER = mariadbd ]; then
    mariadb-install-db --user=mysql --datadir="$DATA" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  else
    mysqld --user=mysql --datadir="$DATA" --initialize-insecure
  fi
}

create_accounts() {
  local user user_password host
  user=$(setting USER) user_password=$(setting PASSWORD) host=$(setting ROOT_HOST %)
  {
    # They have no password.
    [ $SERVER = mysqld ] || echo "DROP USER IF EXISTS root@'127.0.0.1', root@'::1', root@$(quoted "$(hostname)");"
    [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
    if [ -n "$user" ]; then
      echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$user_password");"
      [ -z "$database" ] || echo "GRANT ALL ON \`${database//_/\\_}\`.* TO $(quoted "$user")@'%';"
    fi
    if [ "$host" != localhost ]; then
      echo "CREATE USER 'root'@$(quoted "$host") IDENTIFIED BY $(quoted "$root_password");"
      echo "GRANT ALL ON *.* TO 'root'@$(quoted "$host") WITH GRANT OPTION;"
    fi
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$root_password");"
  } | sql
  password=$root_password
}

run_init_files() {
  local file into=()
  [ -z "$database" ] || into=("--database=$database")
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        # shellcheck source=/dev/null
        if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) sql "${into[@]}" <"$file" ;;
      *.sql.gz) gunzip -c "$file" | sql "${into[@]}" ;;
      *.sql.xz) xzcat "$file" | sql "${into[@]}" ;;
      *.sql.zst) zstd -dc "$file" | sql "${into[@]}" ;;
    esac
  done
}

# The temporary server hears the socket only: nobody outside may take it for the real one.
initialize() {
  local server database root_password password=''
  root_password=$(setting ROOT_PASSWORD)
  database=$(setting DATABASE)
  [ -n "$root_password" ] || [ -n "$(setting ALLOW_EMPTY_ROOT_PASSWORD)$(setting ALLOW_EMPTY_PASSWORD)" ] ||
    fail 'Database is uninitialized and password option is not specified'
  create_data
  "$@" --user=mysql --skip-networking --socket="$SOCKET" &
  server=$!
  until $ADMIN --no-defaults -uroot --socket="$SOCKET" ping >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || fail 'the temporary server ended'
    sleep 0.2
  done
  create_accounts
  run_init_files
  MYSQL_PWD=$password $ADMIN --no-defaults -uroot --socket="$SOCKET" shutdown
  wait $server
  echo 'init process done. Ready for start up.'
}

main() {
  [ "${1:0:1}" != - ] || set -- $SERVER "$@"
  case $1 in
    mariadbd | mysqld)
      if [ "$(id -u)" = 0 ]; then
        mkdir -p "$DATA" /run/mysqld
        find "$DATA" /run/mysqld \! -user mysql -exec chown mysql: '{}' +
        exec gosu mysql "${BASH_SOURCE[0]}" "$@"
      fi
      # An empty volume may have a lost+found.
      [ -d "$DATA/mysql" ] || initialize "$@" ;;
  esac
  exec "$@"
}

main "$@"
