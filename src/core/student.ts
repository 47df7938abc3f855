/** Student's t distribution. @module */

/** Halvings of the interval in which a quantile is sought: more than a double can tell apart. */
const HALVINGS = 200;

/**
 * 97.5 % quantile of Student's t distribution: half the width, in standard errors, of a 95 % interval from a few measurements.
 *
 * @param degrees Degrees of freedom, a whole number from 1.
 *
 * @example
 * ```ts
 * import { studentQuantile } from "./student.ts";
 * if (studentQuantile(4).toFixed(3) !== "2.776") throw new Error(`${studentQuantile(4)}`);
 * ```
 */
export function studentQuantile(degrees: number): number {
  if (!(Number.isInteger(degrees) && degrees >= 1)) {
    throw new RangeError(
      `Cannot take a quantile of Student's t: degrees of freedom are ${degrees}, expected a whole number from 1`,
    );
  }
  let low = 0, high = 13; // 12.706 with a single degree, the largest there is
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (central(middle, degrees) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of lying between `-t` and `t`: Abramowitz and Stegun 26.7.3 and 26.7.4, exact for whole degrees of freedom. */
function central(t: number, degrees: number): number {
  const theta = Math.atan(t / Math.sqrt(degrees));
  const [sin, cos] = [Math.sin(theta), Math.cos(theta)];
  const odd = degrees % 2 === 1;
  let term = odd ? cos : 1, sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= (k - 1) / k * cos * cos;
    sum += term;
  }
  return odd ? 2 / Math.PI * (theta + sin * sum) : sin * sum;
}
