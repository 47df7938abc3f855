/** Learning rates in words. @module */

/**
 * A learning rate with two digits: more says nothing.
 *
 * @example
 * ```ts
 * import { rateNumber } from "./rate_number.ts";
 * if (rateNumber(0.0123) !== "0.012" || rateNumber(0.00004321) !== "4.3e-5") throw new Error();
 * ```
 */
export function rateNumber(rate: number): string {
  const rounded = Number(rate.toPrecision(2));
  return rounded < 1e-3 ? rounded.toExponential() : String(rounded);
}
