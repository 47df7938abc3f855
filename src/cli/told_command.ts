/** The command line that made a file, as the file tells it. @module */

import { shownSource } from "../core/shown_source.ts";

/**
 * Arguments as they were given, but that no more is told of the maker's machine than is needed to do it again: of absolute paths the
 * last part, of addresses neither name, password nor query.
 *
 * @example
 * ```ts
 * import { toldCommand } from "./told_command.ts";
 * const told = toldCommand(["train", "/home/ann/pets.zip", "--out=C:\\pets\\m.safetensors", "https://u:p@a.org/x?key=1", "a/b"]);
 * if (told.join(" ") !== "train pets.zip --out=m.safetensors https://a.org/x a/b") throw new Error(told.join(" "));
 * ```
 */
export function toldCommand(args: readonly string[]): string[] {
  return args.map((arg) => {
    const { flag = "", value = "" } = /^(?<flag>--[\w-]+=)?(?<value>.*)$/s.exec(arg)!.groups!;
    return flag + told(value);
  });
}

function told(value: string): string {
  if (/^https?:/i.test(value)) return shownSource(value);
  if (!/^(\/|\\|[A-Za-z]:[\\/]|file:)/.test(value)) return value;
  return value.split(/[\\/]/).findLast((part) => part !== "") ?? value;
}
