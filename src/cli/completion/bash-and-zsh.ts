import type { Offer, OfferedOption, Place, Places } from "./places.ts";

/** Needs bash 3.2, and no package bash-completion. */
export function bashScript(places: Places): string {
  return `${inCommon(places)}
_kamal_backup() {
  local at option offers offer IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  __kamal_backup_walk "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  if [ "$word" = "=" ]; then word=""; fi
  if __kamal_backup_offers "$word"; then
    # Not compgen -W, which expands $(...) in its words.
    for offer in "\${offers[@]}"; do
      offer="\${offer%%:*}"
      if [[ $offer == "$word"* ]]; then COMPREPLY+=("$offer"); fi
    done
  else
    # readline's own completion of files knows ~ and blanks; bash 3.2 cannot ask for it here.
    compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _kamal_backup kamal-backup
`;
}

export function zshScript(places: Places): string {
  return `${inCommon(places)}
_kamal_backup() {
  local at option
  local -a offers
  if [[ $PREFIX == --*=* ]]; then
    __kamal_backup_walk "\${(@)words[2,CURRENT-1]}" "\${PREFIX%%=*}"
    compset -P 1 '*='
  else
    __kamal_backup_walk "\${(@)words[2,CURRENT-1]}"
  fi
  if __kamal_backup_offers "$PREFIX"; then _describe kamal-backup offers; else _files; fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _kamal_backup kamal-backup
`;
}

/** Where on the command line one is, and what may come there. */
function inCommon({ everywhere, places }: Places): string {
  const options = [
    ...everywhere.map((option) => ({ option, before: '*" ' })),
    ...places.flatMap(({ at, options }) => options.map((option) => ({ option, before: `"${at} ` }))),
  ];
  const taking = (fits: (value: OfferedOption["value"]) => boolean) =>
    options
      .filter(({ option }) => fits(option.value))
      .flatMap(({ option, before }) => option.names.map((name) => `${before}${name}"`))
      .join("|");
  const choices = new Set(
    options.flatMap(({ option: { value } }) =>
      value !== null && typeof value === "object" && value.length > 0 ? [value] : [],
    ),
  );
  return `# Sets at, the command so far, and option, when its value comes next.
__kamal_backup_walk() {
  local word
  at="" option=""
  for word in "$@"; do
    # bash makes three words of --option=value.
    if [ "$word" = "=" ]; then continue; fi
    if [ -n "$option" ]; then option=""; continue; fi
    case "$at $word" in
      *" --") at="--" ;;
      ${places
        .slice(1)
        .map(({ at }) => `"${at}"`)
        .join("|")}) at="$at $word" ;;
      ${taking((value) => value !== null)}) option="$at $word" ;;
    esac
  done
}

# Fills offers with what may come for the word $1, as word or word:meaning. Fails where that is a file.
__kamal_backup_offers() {
  local name
  offers=()
  case "$option" in
    ${taking((value) => value === "file")}) return 1 ;;
    ${taking((value) => value === "destination")})
      for name in config/deploy.*.yml; do
        name="\${name#config/deploy.}"
        name="\${name%.yml}"
        # Not a name that the shell would take apart, nor the pattern where there is no file.
        case "$name" in *[!A-Za-z0-9._-]*) ;; *) offers+=("$name") ;; esac
      done ;;
${[...choices]
  .map((value) => `    ${taking((other) => other === value)}) offers=(${value.map(quoted).join(" ")}) ;;\n`)
  .join("")}  esac
  if [ -n "$option" ] || [ "$at" = "--" ]; then return 0; fi
  case "$1" in
    -*)
      case "$at" in
${branches(places, ({ options }) => withMeaning(options))}
      esac
      offers+=(${list(withMeaning(everywhere))}) ;;
    *)
      case "$at" in
${branches(places, ({ words }) => words)}
      esac ;;
  esac
}
`;
}

function branches(places: readonly Place[], offersOf: (place: Place) => readonly Offer[]): string {
  return places
    .filter((place) => offersOf(place).length > 0)
    .map((place) => `        "${place.at}") offers=(${list(offersOf(place))}) ;;`)
    .join("\n");
}

function withMeaning(options: readonly OfferedOption[]): Offer[] {
  return options.flatMap(({ names, what }) => names.map((word) => ({ word, what })));
}

function list(offers: readonly Offer[]): string {
  return offers.map(({ word, what }) => quoted(what === "" ? word : `${word}:${what}`)).join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
