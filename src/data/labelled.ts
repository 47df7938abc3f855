/** Labels of pictures that a program hands over. @module */

import type { OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { givenKind } from "../core/given_kind.ts";
import { quoted, quotedList } from "../core/quoted.ts";
import { orderNames } from "./class_names.ts";

/** What is known of pictures in memory. */
export interface LabelledOptions {
  /**
   * One label for each picture: a class name, or a number. With `classes`, numbers are indices into them and -1 is
   * unknown; without, they are names.
   *
   * @default all unknown
   */
  readonly labels?: readonly string[] | ArrayLike<number>;
  /** Class names in order. @default the labels as they are, by number if all are whole numbers, else by name */
  readonly classes?: readonly string[];
  /** Where the pictures are from, for messages. @default {"memory"} */
  readonly source?: string;
}

/** Of {@linkcode LabelledOptions}. */
export const LABELLED_KINDS: OptionKinds<LabelledOptions> = {
  labels: "any",
  classes: "list",
  source: "string",
};

/** Class of each picture. */
export interface Labels {
  /** Class names. */
  readonly classes: readonly string[];
  /** Indices into them; -1 = unknown. */
  readonly labels: Int32Array;
  /** Where the pictures are from. */
  readonly source: string;
}

/**
 * Class numbers and names of `n` pictures in memory.
 *
 * @throws {UserError} When labels and classes do not fit.
 */
export function labelled(
  n: number,
  { labels, classes, source = "memory" }: LabelledOptions,
): Labels {
  if (labels === undefined) {
    return { classes: classes ?? [], labels: new Int32Array(n).fill(-1), source };
  }
  if (typeof labels !== "object" || !Number.isInteger(labels?.length)) {
    throw new UserError(
      `Cannot make a data set: labels is ${givenKind(labels)}, expected a list of names or numbers`,
    );
  }
  if (labels.length !== n) {
    throw new UserError(
      `Cannot make a data set: there are ${labels.length} labels, expected one for each of the ${n} pictures`,
    );
  }
  const given: (string | number)[] = Array.from<string | number>(labels);
  const odd = given.findIndex((label) => typeof label !== "string" && !Number.isFinite(label));
  if (odd >= 0) {
    throw new UserError(
      `Cannot make a data set: label ${odd + 1} is ${
        typeof given[odd] === "number" ? given[odd] : givenKind(given[odd])
      }, expected a name or a number`,
    );
  }
  if (classes === undefined) {
    const names = given.map(String);
    const ordered = orderNames(names);
    const numbers = new Map(ordered.map((name, i) => [name, i]));
    return {
      classes: ordered,
      labels: Int32Array.from(names, (name) => numbers.get(name)!),
      source,
    };
  }
  const numbers = given.map((label) => {
    const number = typeof label === "string" ? classes.indexOf(label) : label;
    const known = Number.isInteger(number) && number >= -1 && number < classes.length;
    if (known && !(number === -1 && typeof label === "string")) return number;
    throw new UserError(
      `Cannot make a data set: label ${
        typeof label === "string" ? quoted(label) : label
      } is none of its ${classes.length} classes, which are ${quotedList(classes, 12)}`,
    );
  });
  return { classes, labels: Int32Array.from(numbers), source };
}
