import { isDeepStrictEqual } from "node:util";
import type { Command, Option } from "commander";

/** A word that may come next, and what it means. */
export interface Offer {
  readonly word: string;
  readonly what: string;
}

export interface OfferedOption {
  /** `-d` and `--destination`. */
  readonly names: readonly string[];
  readonly what: string;
  /** Nothing (null), a file, a destination of Kamal, or one of these; of none where nobody can guess it. */
  readonly value: null | "file" | "destination" | readonly string[];
}

/** What may follow a command. */
export interface Place {
  /** The command's words, each after a space: ` restore local`; empty for the program itself. */
  readonly at: string;
  /** Its commands, or the choices of its arguments. */
  readonly words: readonly Offer[];
  readonly options: readonly OfferedOption[];
}

export interface Places {
  /** The options of every place, which those do not repeat. */
  readonly everywhere: readonly OfferedOption[];
  /** The program itself comes first. */
  readonly places: readonly Place[];
}

/** All that may be written on the command line of a program, as its help shows it. */
export function placesOf(program: Command): Places {
  const places = withInner(program, "");
  const [first] = places;
  const everywhere = (first?.options ?? []).filter((option) =>
    places.every(({ options }) => options.some((other) => isDeepStrictEqual(option, other))),
  );
  const own = ({ options }: Place) =>
    options.filter((option) => !everywhere.some((other) => isDeepStrictEqual(option, other)));
  return { everywhere, places: places.map((place) => ({ ...place, options: own(place) })) };
}

function withInner(command: Command, at: string): Place[] {
  const help = command.createHelp();
  const commands = help
    .visibleCommands(command)
    .map((inner) => ({ word: inner.name(), what: help.subcommandDescription(inner) }));
  const choices = command.registeredArguments
    .flatMap((argument) => argument.argChoices ?? [])
    .map((word) => ({ word, what: "" }));
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].map(offeredOption);
  return [
    { at, words: [...commands, ...choices], options },
    ...command.commands.flatMap((inner) => withInner(inner, `${at} ${inner.name()}`)),
  ];
}

function offeredOption(option: Option): OfferedOption {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  return { names, what: option.description, value: taken(option) };
}

function taken(option: Option): OfferedOption["value"] {
  if (!option.required && !option.optional) return null;
  if (option.attributeName() === "destination") return "destination";
  return /<(file|place)>/.test(option.flags) ? "file" : (option.argChoices ?? []);
}
