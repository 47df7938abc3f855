/** Telling pictures that are like nothing the model has learnt from. @module */
import { quantile } from "../core/bootstrap.ts";
import { UserError } from "../core/errors.ts";

/** Where a measure lies for pictures like those that were learnt from. */
export interface MeasureScale {
  /** Its median. */
  readonly median: number;
  /** Its 95 % quantile. */
  readonly edge: number;
}

/** How to tell pictures that are like nothing the model has learnt from; plain data. */
export interface Rejection {
  /** Which measures make the score, see {@linkcode strangeness}. */
  readonly score: "energy" | "energy and distance";
  /** Scale of the energy. */
  readonly energy: MeasureScale;
  /** Scale of the distance; absent where the score does without. */
  readonly distance?: MeasureScale;
  /** Quantiles of the score over pictures that the head had not learnt from, at equal steps from share 0 to share 1. */
  readonly quantiles: readonly number[];
}

/** What is measured of pictures, one number for each. */
export interface Measures {
  /** See {@linkcode energies}. */
  readonly energy: Float64Array;
  /** See `featureDistances`; undefined for a head that does not bring features to scale. */
  readonly distance?: Float64Array;
}

/** Steps between quantiles: finer than what a few hundred pictures tell. */
const QUANTILE_STEPS = 100;

/** Digits of a quantile that are kept: far more than it is sure of, and short in a file. */
const QUANTILE_DIGITS = 6;

/**
 * Energy of each row of logits, `-log(Σ exp(logit))` (Liu, Wang, Owens and Li 2020, "Energy-based Out-of-distribution
 * Detection"): high where no class has a high logit.
 *
 * @param logits Row-major `[rows, classes]`, as the head gives them, at temperature 1.
 */
export function energies(logits: Float32Array, classes: number): Float64Array {
  return Float64Array.from({ length: logits.length / classes }, (_, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    const largest = own.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = own.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    return -largest - Math.log(sum);
  });
}

/**
 * Learns what is usual from pictures that the head had not learnt from.
 *
 * @throws {UserError} Without pictures.
 */
export function fitRejection(measures: Measures): Rejection {
  if (measures.energy.length === 0) {
    throw new UserError("Cannot learn what is usual: there are no pictures");
  }
  const { energy, distance } = measures;
  const scales = {
    energy: scaleOf(energy),
    ...distance && { distance: scaleOf(distance) },
  };
  const scores = strangeness(scales, measures).sort();
  const quantiles = Array.from(
    { length: QUANTILE_STEPS + 1 },
    (_, i) => Number(quantile(scores, i / QUANTILE_STEPS).toPrecision(QUANTILE_DIGITS)),
  );
  return { score: distance ? "energy and distance" : "energy", ...scales, quantiles };
}

/**
 * How strange pictures are, from 0: the sum over both measures of how far they are above the median of usual pictures, where 1
 * is their 95 % quantile; below the median counts as 0, so that a picture far from all others cannot make up for that by an answer
 * that is sure of itself.
 *
 * Each measure alone has a blind spot: energy sees other classes of the same kind of picture, but with two classes nothing at all; the distance
 * sees other kinds of pictures. bench/RESULTS.md compares them, "Trust".
 *
 * @param rejection Of a score with a distance, `measures` needs one, too.
 */
export function strangeness(
  { energy, distance }: Pick<Rejection, "energy" | "distance">,
  measures: Measures,
): Float64Array {
  return measures.energy.map((value, row) =>
    excess(value, energy) + (distance ? excess(measures.distance![row], distance) : 0)
  );
}

/**
 * The score above which a picture is turned away, so that of pictures like those learnt from a share `rate` is: the split conformal
 * quantile (Vovk, Gammerman and Shafer 2005; Papadopoulos et al. 2002), which counts the new picture among the `rows` that told.
 *
 * @param rate Above 0, up to 0.5.
 * @param rows Pictures that the quantiles were learnt from.
 * @throws {UserError} For a rate out of range, or so small that the pictures were too few to tell it.
 */
export function rejectionThreshold(
  { quantiles }: Pick<Rejection, "quantiles">,
  rate: number,
  rows: number,
): number {
  if (!(rate > 0 && rate <= 0.5)) {
    throw new UserError(
      `Cannot turn pictures away: the rate is ${rate}, expected a number above 0, up to 0.5`,
    );
  }
  const share = (1 - rate) * (rows + 1) / rows;
  if (share > 1) {
    throw new UserError(
      `Cannot turn pictures away at a rate of ${rate}: the model was calibrated on ${rows} pictures, which tell rates from ${
        Math.ceil(1000 / (rows + 1)) / 1000
      } on; use such a rate, or train with more pictures`,
    );
  }
  return quantile(quantiles, share);
}

/** How far a value is above the median, in units of the way to the edge; 0 below. */
function excess(value: number, { median, edge }: MeasureScale): number {
  // A measure that never varies, as of two classes told by one feature of two values, tells nothing.
  return edge > median ? Math.max(0, (value - median) / (edge - median)) : 0;
}

function scaleOf(values: Float64Array): MeasureScale {
  const sorted = values.toSorted();
  return { median: quantile(sorted, 0.5), edge: quantile(sorted, 0.95) };
}
