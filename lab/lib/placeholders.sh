# shellcheck shell=bash
# What scenario files say with @NAME@: facts of the lab, and @SECRET_NAME@, whose value comes from the environment
# variable LAB_SECRET_NAME (that is how a test plants canaries) or from the list below.
declare -A SECRETS=(
  [POSTGRES_DB]=teamyap_production
  [POSTGRES_USER]=teamyap
  [POSTGRES_PASSWORD]=lab-postgres-password
  [MARIADB_ROOT_PASSWORD]=lab-mariadb-password
  [MYSQL_ROOT_PASSWORD]=lab-mysql-password
  [REPLICATION_USER]=replicator
  [REPLICATION_PASSWORD]=lab-replication-password
  [KAMAL_REGISTRY_PASSWORD]=lab-registry-password
  [RAILS_MASTER_KEY]=lab-rails-master-key
  [RESTIC_PASSWORD]=lab-restic-password
  [AWS_ACCESS_KEY_ID]=LABACCESSKEY
  [AWS_SECRET_ACCESS_KEY]=lab-s3-secret-key
  [RESTIC_REST_PASSWORD]=lab-rest-password
)

placeholder() {
  local name=${1#SECRET_} variable
  case $1 in
    HOST1) address "$FIRST" ;;
    HOST2) address "$SECOND" ;;
    REGISTRY) echo "$REGISTRY" ;;
    SSH_KEY) echo "$KEYS/id" ;;
    SSH_CONFIG) echo "$KEYS/ssh_config" ;;
    CA_FILE) echo "$KEYS/ca.pem" ;;
    S3_HTTPS | S3_HTTP | PROXY_HTTPS | PROXY_HTTP | REST | SFTP) service_url "$1" ;;
    SFTP_KEY) echo "$KEYS/sftp" ;;
    SFTP_KNOWN_HOSTS) echo "$KEYS/sftp_known_hosts" ;;
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
