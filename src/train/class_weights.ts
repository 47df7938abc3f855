/** How much the rows of each class count in training. @module */
import { UserError } from "../core/errors.ts";
import { quoted, quotedList } from "../core/quoted.ts";

/**
 * Weights of classes, as scikit-learn's `class_weight`:
 *
 * - `"balanced"`: rows / (classes * rows of the class), so that each class counts as much as any other;
 * - weights by name, of which those left out are 1;
 * - one weight for each class, in order.
 */
export type ClassWeights = "balanced" | Readonly<Record<string, number>> | readonly number[];

/** What {@linkcode resolveClassWeights} needs to know of the data. */
export interface ClassWeightContext {
  /** Class names in order. */
  readonly classes: readonly string[];
  /** Rows of each class. */
  readonly counts: ArrayLike<number>;
}

/**
 * The weight of each class that makes all classes count alike: rows / (classes * rows of the class), scikit-learn's
 * `compute_class_weight("balanced")`. Classes without rows are left out of the reckoning and get weight 0.
 *
 * @param counts Rows of each class.
 *
 * @example
 * ```ts
 * import { balancedWeights } from "./class_weights.ts";
 * if (balancedWeights([50, 100]).join() !== "1.5,0.75") throw new Error();
 * ```
 */
export function balancedWeights(counts: ArrayLike<number>): Float64Array {
  const all = Array.from(counts);
  const rows = all.reduce((sum, count) => sum + count, 0);
  const present = all.filter((count) => count > 0).length;
  return Float64Array.from(all, (count) => count === 0 ? 0 : rows / (present * count));
}

/**
 * One weight for each class, in order.
 *
 * @returns `undefined` when none are given: then all are 1.
 * @throws {UserError} For names that are no class, a number of weights that is not that of the classes, and weights that are
 * not above 0.
 *
 * @example
 * ```ts
 * import { resolveClassWeights } from "./class_weights.ts";
 * const data = { classes: ["cat", "dog"], counts: [50, 100] };
 * if (resolveClassWeights({ cat: 2 }, data)?.join() !== "2,1") throw new Error();
 * ```
 */
export function resolveClassWeights(
  given: ClassWeights | undefined,
  { classes, counts }: ClassWeightContext,
): Float64Array | undefined {
  if (given === undefined) return undefined;
  if (given === "balanced") return balancedWeights(counts);
  if (typeof given !== "object" || given === null) {
    throw cannot(`they are ${JSON.stringify(given)}, expected "balanced" or a weight by class`);
  }
  const weights = isRow(given) ? inOrder(given, classes) : byName(given, classes);
  checkAll(weights, classes);
  return weights;
}

/**
 * Refuses weights by class that training cannot use; none at all are sound.
 *
 * @throws {UserError} When there are more or fewer than classes, or one is not above 0.
 */
export function checkClassWeights(weights: ArrayLike<number> | undefined, classes: number): void {
  if (weights === undefined) return;
  const names = Array.from({ length: classes }, (_, k) => String(k));
  checkAll(inOrder(weights, names), names);
}

/** How weights stand in a head's details: `1.5 0.75`. */
export function weightsText(weights: ArrayLike<number>): string {
  return Array.from(weights, (weight) => Number(weight.toPrecision(6))).join(" ");
}

/** A list, or a typed array, which the type does not promise but programs have. */
function isRow(given: object): given is readonly number[] {
  return Array.isArray(given) || ArrayBuffer.isView(given);
}

function checkAll(weights: Float64Array, classes: readonly string[]): void {
  weights.forEach((weight, k) => {
    if (weight > 0 && weight < Infinity) return;
    throw cannot(`that of class ${quoted(classes[k])} is ${weight}, expected a number above 0`);
  });
}

function inOrder(given: ArrayLike<number>, classes: readonly string[]): Float64Array {
  if (given.length !== classes.length) {
    throw cannot(
      `there ${given.length === 1 ? "is 1" : `are ${given.length}`}, expected ${classes.length}, ` +
        `one for each of ${quotedList(classes)}`,
    );
  }
  return Float64Array.from(given);
}

function byName(
  given: Readonly<Record<string, number>>,
  classes: readonly string[],
): Float64Array {
  const weights = new Float64Array(classes.length).fill(1);
  for (const [name, weight] of Object.entries(given)) {
    const index = classes.indexOf(name);
    if (index < 0) {
      throw cannot(`${quoted(name)} is none of the classes, which are ${quotedList(classes, 12)}`);
    }
    weights[index] = typeof weight === "number" ? weight : NaN;
  }
  return weights;
}

function cannot(detail: string): UserError {
  return new UserError(`Cannot use the class weights: ${detail}`);
}
