# shellcheck shell=bash
# What others need to know of the lab.

lab_env() {
  engine_address >/dev/null || die 'the lab is not up'
  has_pair
  cat <<EOF
export LAB_DOCKER_HOST='$(engine_address)'
export LAB_SSH_KEY='$KEYS/id'
export LAB_KNOWN_HOSTS='$KEYS/known_hosts'
export LAB_SSH_CONFIG='$KEYS/ssh_config'
export LAB_HOST1='$(address "$FIRST")'
export LAB_HOST2='$(address "$SECOND")'
export LAB_REGISTRY='$REGISTRY'
export LAB_CONTAINER_HOST1='$LAB-$FIRST'
export LAB_CONTAINER_HOST2='$LAB-$SECOND'
export LAB_CONTAINER_PREFIX='$LAB'
export LAB_NETWORK='$LAB'
$(services_env)
EOF
}

# Exit status 0 when healthy, 1 when not.
lab_status() {
  echo "checkout  $CHECKOUT"
  echo "id        $LAB_ID"
  engine_answers || { echo 'state     down'; return 1; }
  echo "engine    $(engine_address)"
  echo "network   10.77.$(network_n).0/24"
  dk ps -a --filter "label=$LABEL" --format '{{.Names}}  {{.Status}}'
  lab_healthy || { echo 'state     unhealthy (lab/lab up makes it anew, lab/lab reset unpauses and restarts hosts)'; return 1; }
  echo 'state     up'
}
