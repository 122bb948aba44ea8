# shellcheck shell=bash
# What repositories live on: every pair of hosts has its own, each in a container at an address of its own, all from the
# one image `services`:
#   s3     moto behind nginx: https (certificate of the lab's CA) and http, path style; contents in memory
#   rest   restic's REST server with basic auth, http
#   sftp   sshd that allows nothing but sftp, user lab, by key, chrooted: /backups is where it may write
#   proxy  in front of s3, https and http, with faults on demand: see images/services/proxy.mjs
SERVICES=(s3 rest sftp proxy)

lab_service() {
  local name pids=()
  engine_answers || die 'the lab is not up'
  [ $# -gt 0 ] || die "usage: lab/lab service NAME...   (${SERVICES[*]})"
  for name in "$@"; do
    [[ " ${SERVICES[*]} " == *" $name "* ]] || die "no such service: $name (there are: ${SERVICES[*]})"
  done
  image_build services
  service_keys_create
  for name in "$@"; do
    service_run "$name" & pids+=($!)
  done
  wait_for "${pids[@]}"
}

# Addresses as a test or a policy needs them. rest takes user lab and the password of the secrets, s3 any key.
service_url() {
  case $1 in
    S3_HTTPS) echo "https://$(address s3)" ;;
    S3_HTTP) echo "http://$(address s3)" ;;
    PROXY_HTTPS) echo "https://$(address proxy)" ;;
    PROXY_HTTP) echo "http://$(address proxy)" ;;
    PROXY_CONTROL) echo "http://$(address proxy):9000" ;;
    REST) echo "http://$(address rest):8000" ;;
    SFTP) echo "sftp://lab@$(address sftp)//backups" ;;
  esac
}

services_env() {
  local name
  for name in S3_HTTPS S3_HTTP PROXY_HTTPS PROXY_HTTP PROXY_CONTROL REST SFTP; do
    echo "export LAB_$name='$(service_url $name)'"
  done
  for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY RESTIC_REST_PASSWORD; do
    echo "export LAB_$name='${SECRETS[$name]}'"
  done
  cat <<END
export LAB_CONTAINER_S3='$(service_box s3)'
export LAB_RESTIC_REST_USERNAME='lab'
export LAB_CA='$KEYS/ca.pem'
export LAB_SFTP_KEY='$KEYS/sftp'
export LAB_SFTP_KNOWN_HOSTS='$KEYS/sftp_known_hosts'
END
}

# The container of a service of the pair.
service_box() { if [ "$PAIR" = 1 ]; then echo "$LAB-$1"; else echo "$LAB-$1-$PAIR"; fi; }

# Nothing to do when it answers; made anew, empty, when it does not.
service_run() {
  local id port
  case $1 in s3 | proxy) port=443 ;; rest) port=8000 ;; sftp) port=22 ;; esac
  ! port_answers "$1" "$port" || return 0
  [ -z "$(dk ps -aq --filter "name=^$(service_box "$1")\$")" ] || dk rm -fv "$(service_box "$1")" >/dev/null
  id=$(dk_new create --name "$(service_box "$1")" --hostname "$1.lab" --label "$LABEL" --network "$LAB" --ip "$(address "$1")" --init \
    -e "LAB_S3=$(address s3)" -e "LAB_REST_PASSWORD=${SECRETS[RESTIC_REST_PASSWORD]}" "$(image_name services)" "$1")
  service_keys_tar | dk cp - "$id:/etc/lab"
  dk start "$id" >/dev/null
  wait_until 20 "$1 to answer; see docker logs $(service_box "$1")" port_answers "$1" "$port"
}
port_answers() { (exec 3<>"/dev/tcp/$(address "$1")/$2") 2>/dev/null; }

services_remove() {
  local name ids
  ids=$(for name in "${SERVICES[@]}"; do dk ps -aq --filter "name=^$(service_box "$name")\$"; done)
  # shellcheck disable=SC2086
  [ -z "$ids" ] || dk rm -fv $ids >/dev/null
}

# lab_bucket NAME: in the s3 service, which it starts when it must.
lab_bucket() {
  [[ ${1:-} =~ ^[a-z0-9][a-z0-9.-]{2,62}$ ]] || die 'usage: lab/lab bucket NAME   (3 characters or more: a-z 0-9 . -)'
  lab_service s3
  wait_until 20 "to make the bucket $1" dk exec "$(service_box s3)" curl -fsS -X PUT "http://127.0.0.1/$1"
}

# The CA and the keys of sftp are made once; the certificate follows the addresses.
service_keys_create() {
  local name names
  [ -f "$KEYS/ca.pem" ] || openssl_quietly req -x509 -subj "/CN=$LAB CA" -days 3650 \
    -keyout "$KEYS/ca.key" -out "$KEYS/ca.pem" -addext basicConstraints=critical,CA:true
  for name in sftp sftp_host; do
    [ -f "$KEYS/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "$LAB-$name" -f "$KEYS/$name"
  done
  echo "$(of_pairs sftp | paste -sd,) $(cut -d' ' -f1,2 "$KEYS/sftp_host.pub")" >"$KEYS/sftp_known_hosts"
  names=DNS:s3.lab,DNS:proxy.lab,$(of_pairs s3 proxy | sed 's/^/IP:/' | paste -sd,)
  [ "$(cat "$KEYS/services.names" 2>/dev/null)" != "$names" ] || return 0
  openssl_quietly req -x509 -subj /CN=s3.lab -days 3650 -CA "$KEYS/ca.pem" -CAkey "$KEYS/ca.key" \
    -keyout "$KEYS/services.key" -out "$KEYS/services.pem" -addext "subjectAltName=$names" \
    -addext basicConstraints=critical,CA:false
  echo "$names" >"$KEYS/services.names"
}
# Addresses of services in all pairs.
of_pairs() {
  local name PAIR
  # shellcheck disable=SC2153 # of paths.sh
  for PAIR in $(seq "$PAIRS"); do
    for name in "$@"; do address "$name"; done
  done
}
openssl_quietly() { (umask 077 && quietly "$STATE/openssl.log" openssl "$@" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes); }

service_keys_tar() {
  tar -c --owner 0 --group 0 -C "$KEYS" services.key services.pem sftp_host sftp.pub
}
