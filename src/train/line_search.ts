/** Line search for convex functions. @module */

/** A step is taken when the slope has shrunk to this share; see {@linkcode searchLine}. */
const CURVATURE = 0.5;

/** Most evaluations of one search; each at least shrinks the bracket by a tenth. */
const MAX_PROBES = 40;

/**
 * Finds a step > 0 along a direction of descent at which the slope is at most half as steep and the value is not higher.
 *
 * For a convex function the slope only grows, so its sign brackets the minimum; secants home in on it. Slopes are used
 * rather than differences of values because those drown in rounding close to the minimum.
 *
 * @param at Value and slope at a step.
 * @param slope0 Slope at step 0, negative.
 * @param value0 Value at step 0.
 * @returns The step, or 0 when rounding allows no progress.
 */
export function searchLine(
  at: (step: number) => { readonly value: number; readonly slope: number },
  slope0: number,
  value0: number,
): number {
  let low = 0, lowSlope = slope0;
  let high = Infinity, highSlope = NaN;
  let step = 1;
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const { value, slope } = at(step);
    if (Math.abs(slope) <= -CURVATURE * slope0 && value <= value0) return step;
    if (slope < 0 && value <= value0) {
      low = step;
      lowSlope = slope;
    } else {
      high = step;
      highSlope = slope;
    }
    if (high === Infinity) {
      // The secant of the two last slopes may point anywhere when the function is nearly straight.
      const secant = step * slope0 / (slope0 - slope);
      step = Math.min(Math.max(2 * step, Number.isFinite(secant) ? secant : Infinity), 10 * step);
    } else {
      const secant = low + (high - low) * lowSlope / (lowSlope - highSlope);
      const margin = 0.1 * (high - low);
      step = secant >= low + margin && secant <= high - margin
        ? secant
        : secant < low + margin
        ? low + margin
        : secant > high - margin
        ? high - margin
        : 0.5 * (low + high);
    }
  }
  return low;
}
