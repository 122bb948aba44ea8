# shellcheck shell=bash
# What scenario files say with @NAME@: facts of the lab, and @SECRET_NAME@, whose value comes from the environment
# variable LAB_SECRET_NAME (that is how a test plants canaries) or from the list below.
declare -A SECRETS=(
  [POSTGRES_DB]=teamyap_production
  [POSTGRES_USER]=teamyap
  [POSTGRES_PASSWORD]=lab-postgres-password
  [REPLICATION_USER]=replicator
  [REPLICATION_PASSWORD]=lab-replication-password
  [KAMAL_REGISTRY_PASSWORD]=lab-registry-password
  [RAILS_MASTER_KEY]=lab-rails-master-key
)

placeholder() {
  local name=${1#SECRET_} variable
  case $1 in
    HOST1) address host1 ;;
    HOST2) address host2 ;;
    REGISTRY) echo "$REGISTRY" ;;
    SSH_KEY) echo "$KEYS/id" ;;
    SSH_CONFIG) echo "$KEYS/ssh_config" ;;
    ARCH) if [ "$(uname -m)" = x86_64 ]; then echo amd64; else echo arm64; fi ;;
    SECRET_*)
      variable=LAB_SECRET_$name
      dotenv_quote "${!variable-${SECRETS[$name]-}}" ;;
    *) die "unknown placeholder: @$1@" ;;
  esac
}

# Single quotes keep everything as it is; a value with one of its own needs double quotes and escapes.
dotenv_quote() {
  local value=$1
  if [[ $value != *"'"* ]]; then
    printf "'%s'\n" "$value"
  else
    value=${value//\\/\\\\}
    value=${value//\"/\\\"}
    printf '"%s"\n' "${value//\$/\\\$}"
  fi
}

substitute() {
  local text name value
  text=$(cat; printf .) # the dot keeps final newlines
  while [[ $text =~ @([A-Z][A-Z0-9_]+)@ ]]; do
    name=${BASH_REMATCH[1]}
    value=$(placeholder "$name")
    printf '%s%s' "${text%%"@$name@"*}" "$value"
    text=${text#*"@$name@"}
  done
  printf %s "${text%.}"
}
