import type { OfferedOption, Places } from "./places.ts";

/** One `complete` for each option and word, with the places where it may stand: fish itself knows the rest. */
export function fishScript({ everywhere, places }: Places): string {
  const rows = new Map<string, string[]>();
  for (const { at, options, words } of places) {
    const offers = words.map(({ word, what }) => `-a ${quoted(word)} -d ${quoted(what)}`);
    for (const row of [...options.map(optionRow), ...offers]) rows.set(row, [...(rows.get(row) ?? []), at]);
  }
  const lines = [...rows].map(([row, ats]) => `-n ${quoted(`__kamal_backup_at ${list(ats)}`)} ${row}`);
  const taking = [
    ...takingNames(everywhere, "*"),
    ...places.flatMap(({ at, options }) => takingNames(options, at)),
  ];
  return `# Whether the command so far is one of these.
function __kamal_backup_at
    set -l at ''
    set -l option ''
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test -n "$option"
            set option ''
            continue
        end
        switch "$at $word"
            case ${list(places.slice(1).map(({ at }) => at))}
                set at "$at $word"
            case ${list(taking)}
                set option "$at $word"
        end
    end
    contains -- "$at" $argv
end

function __kamal_backup_destinations
    for file in config/deploy.*.yml
        string replace -rf '^config/deploy\\.(.+)\\.yml$' '$1' -- $file
    end
end

${["-f", ...everywhere.map(optionRow), ...lines].map((line) => `complete -c kamal-backup ${line}`).join("\n")}
`;
}

function takingNames(options: readonly OfferedOption[], at: string): string[] {
  return options.flatMap(({ names, value }) => (value === null ? [] : names.map((name) => `${at} ${name}`)));
}

function optionRow({ names, what, value }: OfferedOption): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...flags, ...takes(value), `-d ${quoted(what)}`].join(" ");
}

function takes(value: OfferedOption["value"]): string[] {
  if (value === null) return [];
  if (value === "file") return ["-rF"];
  if (value === "destination") return ["-x -a '(__kamal_backup_destinations)'"];
  return value.length === 0 ? ["-x"] : [`-x -a ${quoted(value.join(" "))}`];
}

function list(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** Between single quotes fish knows the escapes of the quote and of the backslash only. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
