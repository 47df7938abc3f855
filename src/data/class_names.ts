/** Class names from the labels of a file. @module */

/** Classes in order, and the class of each raw label. */
export interface ClassNames {
  /** Class names: by number when all are whole numbers, else by name. */
  readonly classes: readonly string[];
  /** Class number of each of the raw labels. */
  readonly numberOf: Int32Array;
}

/**
 * Orders class names: `"2"` before `"10"` when all labels are whole numbers (`"3"`, `"+3"` and `"3.0"` are then one
 * class), else by code unit, whatever the machine's language.
 *
 * @param raw The distinct labels of a file.
 *
 * @example
 * ```ts
 * import { orderClasses } from "./class_names.ts";
 * const { classes, numberOf } = orderClasses(["10", "2", "10.0"]);
 * if (classes.join() !== "2,10" || numberOf.join() !== "1,0,1") throw new Error(classes.join());
 * ```
 */
export function orderClasses(raw: readonly string[]): ClassNames {
  const allWhole = raw.every((label) => /^[+-]?\d+(\.0*)?$/.test(label));
  // BigInt: identifiers of 20 digits must not run together.
  const names = allWhole
    ? raw.map((label) => String(BigInt(label.replace(/^\+|\.0*$/g, ""))))
    : raw;
  const classes = [...new Set(names)];
  if (allWhole) classes.sort((a, b) => BigInt(a) < BigInt(b) ? -1 : 1);
  else classes.sort();
  const index = new Map(classes.map((name, i) => [name, i]));
  return { classes, numberOf: Int32Array.from(names, (name) => index.get(name)!) };
}

/**
 * Orders the names of folders or files: `"2"` before `"10"` when all are whole numbers, else by code unit. Unlike labels of a table
 * they stay as they are: `"01"` is not `"1"`.
 *
 * @param names Names, each as often as it comes.
 *
 * @example
 * ```ts
 * import { orderNames } from "./class_names.ts";
 * if (orderNames(["10", "2", "1", "2"]).join() !== "1,2,10") throw new Error();
 * ```
 */
export function orderNames(names: readonly string[]): string[] {
  const distinct = [...new Set(names)].sort();
  if (!distinct.every((name) => /^\d+$/.test(name))) return distinct;
  return distinct.sort((a, b) => BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0);
}
