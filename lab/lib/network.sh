# shellcheck shell=bash
# The lab's network 10.77.N.0/24, internal: it has no way out. N is kept while it is free, so app checkouts stay valid.

network_n() { cat "$STATE/subnet" 2>/dev/null || true; }
address() { # of a host, the registry or a service of the pair
  local last
  case $1 in
    host[1-9]) last=$((10 + ${1#host})) ;;
    registry) last=5 ;;
    s3) last=$((11 + 10 * PAIR)) ;;
    rest) last=$((12 + 10 * PAIR)) ;;
    sftp) last=$((13 + 10 * PAIR)) ;;
    proxy) last=$((14 + 10 * PAIR)) ;;
    *) die "no such member: $1" ;;
  esac
  echo "10.77.$(network_n).$last"
}
bridge_name() { echo "kbl-$LAB_ID"; } # 15 characters at most

network_create() {
  local n lock=/tmp/kamal-backup-lab-subnet.lock
  [ -e "$lock" ] || (umask 022 && true >"$lock")
  exec 8<"$lock" # for reading: another user may have made it
  flock 8        # two labs that start at once must not choose the same N
  for n in $(network_n) {0..255}; do
    # Not grep -q: under pipefail it would lose the match to ip's broken pipe.
    ip -4 route 2>/dev/null | grep "^10\.77\.$n\." >/dev/null && continue
    dk network create --label "$LABEL" --internal --subnet "10.77.$n.0/24" --gateway "10.77.$n.1" \
      -o "com.docker.network.bridge.name=$(bridge_name)" "$LAB" >/dev/null 2>&1 || continue
    echo "$n" >"$STATE/subnet"
    exec 8>&-
    return
  done
  die 'no free network 10.77.N.0/24 on this machine'
}
