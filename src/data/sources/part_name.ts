/** Names of the parts of a data set that is divided already. @module */

/** A part of a data set that is divided already. */
export type PartName = "train" | "validation" | "test";

/** A part, or images that nobody has labelled, which are in none of them. */
export type PartKind = PartName | "unlabelled";

/** What a name says of a part. */
export interface NamedPart {
  /** The part. */
  readonly part: PartKind;
  /** What else is in the name, as `seg` of `seg_train`; empty if it says nothing more. */
  readonly rest: string;
}

const WORDS: readonly (readonly [pattern: RegExp, part: PartKind])[] = [
  [/^train(ing)?/, "train"],
  [/^(val(id(ation)?)?|dev)/, "validation"],
  [/^(test(ing)?|eval(uation)?|holdout)/, "test"],
  [/^(pred(ict(ion)?)?|unlabell?ed)/, "unlabelled"],
];

/** What may stand beside the name of a part and says nothing. */
const STOCK = /^(data(set)?|set|images?|imgs?|pictures?|photos?|files?|folder|dir|split|\d+)?$/;

/**
 * The part that a folder or a cell is called after: `train`, `Training`, `test_images`, `valid`, `dev`, `test1`, `seg_train`, `PublicTest`.
 *
 * @returns `undefined` for a name of none, or of several.
 *
 * @example
 * ```ts
 * import { partNameOf } from "./part_name.ts";
 * if (partNameOf("Validation_set")?.part !== "validation") throw new Error();
 * if (partNameOf("seg_train")?.rest !== "seg" || partNameOf("terrain") !== undefined) throw new Error();
 * ```
 */
export function partNameOf(name: string): NamedPart | undefined {
  const words = name.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").replace(/(\p{L})(\d)/gu, "$1 $2")
    .toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const parts = new Set<PartKind>();
  const rest: string[] = [];
  for (const word of words) {
    const found = WORDS.find(([pattern]) =>
      STOCK.test(word.replace(pattern, "")) && pattern.test(word)
    );
    if (found) parts.add(found[1]);
    else if (!STOCK.test(word)) rest.push(word);
  }
  const [part] = parts;
  return parts.size === 1 ? { part, rest: rest.join(" ") } : undefined;
}
