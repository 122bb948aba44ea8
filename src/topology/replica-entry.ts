import { sealed } from "../model/seal.ts";

/** Where the script lies in the checkout, and where Kamal puts it in the container. */
export const REPLICA_ENTRY_PATH = "config/kamal-backup/replica-entry.sh";
export const REPLICA_ENTRY_IN_CONTAINER = "/kamal-backup/replica-entry.sh";

/**
 * Entry point of a replica's container. The clone is made beside PGDATA and renamed when it is whole and on disk: a
 * container killed in the middle starts over, and half a cluster never runs. pg_basebackup's -R is not used: it would
 * write the password into postgresql.auto.conf, and so into backups of the standby. libpq takes the user from PGUSER
 * and the password from a passfile of mode 0600 outside PGDATA (postgresql.org/docs/current/libpq-envars.html), so
 * neither is in any argv.
 */
export const REPLICA_ENTRY_SCRIPT = sealed(String.raw`#!/bin/sh
# Written by kamal-backup: clones the primary at first boot, then runs Postgres as its standby.
# Do not edit: kamal-backup apply puts it back.
set -eu

as_postgres() {
  if [ "$(id -u)" != 0 ]; then "$@"
  elif command -v gosu >/dev/null; then gosu postgres "$@"
  else su-exec postgres "$@"
  fi
}

own() { [ "$(id -u)" != 0 ] || chown postgres: "$@"; }

say() { echo "kamal-backup: $*"; }

# Process 1 ignores every signal that it has no trap for.
trap 'exit 143' INT TERM

primary="host=$KAMAL_BACKUP_PRIMARY_HOST port=$KAMAL_BACKUP_PRIMARY_PORT"
# The primary shows the clone's own WAL stream as streaming too: only the standby may go by the slot's name.
clone_from="$primary application_name=$KAMAL_BACKUP_SLOT-clone"
stream_from="$primary application_name=$KAMAL_BACKUP_SLOT"

# Credentials: outside PGDATA and outside argv.
credentials=/tmp/kamal-backup
( umask 077
  mkdir -p "$credentials"
  printf '%s' "$REPLICATION_PASSWORD" | sed 's/[\\:]/\\&/g; s/^/*:*:*:*:/' > "$credentials/passfile" )
own "$credentials" "$credentials/passfile"
export PGPASSFILE="$credentials/passfile"
export PGUSER="$REPLICATION_USER"

# A clone asked for by kamal-backup apply --allow data: the old data directory is kept aside.
if [ -e "$PGDATA.reclone" ]; then
  if [ -e "$PGDATA" ] && [ ! -e "$PGDATA/standby.signal" ]; then
    say "not cloning again: this became a primary since that was asked for"
  elif [ -e "$PGDATA" ]; then
    kept="$PGDATA.kept-$(date -u +%Y%m%dT%H%M%SZ)"
    say "keeping the old data directory as $kept"
    mv -T "$PGDATA" "$kept"
  fi
  sync
  rm -f "$PGDATA.reclone"
fi

clone() {
  say "waiting for the primary at $KAMAL_BACKUP_PRIMARY_HOST:$KAMAL_BACKUP_PRIMARY_PORT"
  # As a replication connection: any other would log in, to a database of the user's name that does not exist.
  until pg_isready -q -d "$clone_from replication=1"; do sleep 1; done
  attempt=1
  while :; do
    rm -rf "$PGDATA.cloning"
    say "cloning the primary, attempt $attempt"
    as_postgres pg_basebackup -d "$clone_from" -w -D "$PGDATA.cloning" \
      -X stream -S "$KAMAL_BACKUP_SLOT" -c fast &
    if wait $!; then break; fi
    if [ "$attempt" -ge 24 ]; then say "giving up: the messages above say why"; exit 1; fi
    attempt=$((attempt + 1))
    sleep 5 & wait $!
  done
  as_postgres touch "$PGDATA.cloning/standby.signal"
  sync
  mv -T "$PGDATA.cloning" "$PGDATA"
  sync
  say "the clone is complete"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$(dirname "$PGDATA")"
  own "$(dirname "$PGDATA")"
  if [ -d "$PGDATA" ] && ! rmdir "$PGDATA"; then
    say "there are files in $PGDATA, but no database: move them away"
    exit 1
  fi
  clone
fi

# A standby refuses to run with less than its primary had at the WAL that it replays. pg_control knows what that was,
# also when the primary has been changed and changed back.
case "$1" in -*) set -- postgres "$@" ;; esac
control=$(LC_ALL=C as_postgres pg_controldata "$PGDATA")
while read -r name label; do
  had=$(printf '%s\n' "$control" | sed -n "s/^$label setting: *//p")
  has=$(as_postgres "$@" -D "$PGDATA" -C "$name" </dev/null) || continue
  if [ "$had" -gt "$has" ]; then
    say "the primary had $name = $had, so this starts with it"
    set -- "$@" -c "$name=$had"
  fi
done <<NAMES
max_connections max_connections
max_worker_processes max_worker_processes
max_wal_senders max_wal_senders
max_prepared_transactions max_prepared_xacts
max_locks_per_transaction max_locks_per_xact
NAMES

exec docker-entrypoint.sh "$@" -c "primary_conninfo=$stream_from" -c "primary_slot_name=$KAMAL_BACKUP_SLOT"
`);
