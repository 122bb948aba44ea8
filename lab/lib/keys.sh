# shellcheck shell=bash
# The lab's own ssh keys. Host keys are made here, once, and put into the hosts, so that known_hosts outlives them.

keys_create() {
  local name
  for name in id $(hosts); do
    [ -f "$KEYS/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "$LAB-$name" -f "$KEYS/$name"
  done
}

# Written at every `up`, because the addresses follow the subnet.
ssh_files_write() {
  local name
  for name in $(hosts); do
    echo "$name,$(address "$name") $(cut -d' ' -f1,2 "$KEYS/$name.pub")"
  done >"$KEYS/known_hosts"
  {
    for name in $(hosts); do printf 'Host %s\n  HostName %s\n' "$name" "$(address "$name")"; done
    cat <<EOF
Host $(for name in $(hosts); do echo "$name $(address "$name")"; done | paste -sd' ')
  User root
  IdentityFile $KEYS/id
  IdentitiesOnly yes
  UserKnownHostsFile $KEYS/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
EOF
  } >"$KEYS/ssh_config"
}

# on HOST COMMAND...: over ssh, the way Kamal goes.
on() { ssh -F "$KEYS/ssh_config" -o BatchMode=yes -o ConnectTimeout=5 "$@"; }
