import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { bashScript } from "../../../src/cli/completion/bash-and-zsh.ts";
import { fishScript } from "../../../src/cli/completion/fish.ts";
import { placesOf } from "../../../src/cli/completion/places.ts";
import { buildProgram } from "../../../src/cli/program.ts";

const program = buildProgram(() => {});
const ASK = `${bashScript(placesOf(program))}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_kamal_backup
printf '%s\\n' "\${COMPREPLY[@]}"`;

const checkout = (() => {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-completion-"));
  mkdirSync(join(directory, "config"));
  for (const name of ["deploy", "deploy.staging", "deploy.production", "deploy.$(touch found)"])
    writeFileSync(join(directory, `config/${name}.yml`), "");
  return directory;
})();

/** What bash offers for the last of the words. */
function complete(...words: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", ASK, "bash", "kamal-backup", ...words], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash completes", () => {
  test.each([
    ["a command", ["dri"], ["drift", "drill"]],
    ["a command after an option and its value", ["-d", "drill", "pl"], ["plan"]],
    ["a command of a command", ["restore", ""], ["production", "local", "help"]],
    ["an option after the value of another", ["plan", "--target", "backup", "--ex"], ["--exclude"]],
    ["an option of the program", ["restore", "local", "--dest"], ["--destination"]],
    ["a choice", ["apply", "--allow", "re"], ["reload", "restart", "recreate"]],
    ["a choice after =", ["apply", "--allow", "=", "d"], ["data"]],
    ["a choice right after =", ["apply", "--allow", "="], ["reload", "restart", "recreate", "data"]],
    ["the choice of an argument", ["completion", ""], ["bash", "zsh", "fish"]],
    ["a destination, of those that need no quotes", ["plan", "-d", ""], ["production", "staging"]],
    ["a file", ["-c", "config/deploy.s"], ["config/deploy.staging.yml"]],
    ["the command that help is about", ["help", "pl"], ["plan"]],
    ["no option after --", ["plan", "--", "--"], []],
    ["nothing where nobody can know", ["list", ""], []],
  ])("%s", (_what, words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)];
const pathOf = (command: Command): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

describe.each(commands(program).map((command) => [pathOf(command).join(" "), command] as const))(
  "of kamal-backup %s",
  (_path, command) => {
    const inHelp = [...command.helpInformation().matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(
      ([, name]) => name,
    );

    test("bash offers every option that the help shows", () => {
      expect(inHelp).toContain("--destination");
      expect(new Set(complete(...pathOf(command), "--"))).toEqual(new Set(inHelp));
    });

    test("fish has every option that the help shows", () => {
      const at = `'${pathOf(command)
        .map((word) => ` ${word}`)
        .join("")}\\'`;
      const lines = fishScript(placesOf(program)).split("\n");
      const here = lines.filter((line) => !line.includes(" -n ") || line.includes(at));
      for (const name of inHelp)
        expect(here.some((line) => line.includes(` -l ${name?.slice(2)} `))).toBe(true);
    });
  },
);
