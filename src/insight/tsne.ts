/** Points of many dimensions on a plane, neighbours beside neighbours. @module */

import type { ProgressOptions } from "../core/progress.ts";
import { breathe } from "../train/breathe.ts";

/** Options of {@linkcode tsne}. */
export interface TsneOptions extends ProgressOptions {
  /** How many neighbours a point has, about; at most a third of the points. @default {30} */
  readonly perplexity?: number;
  /** Steps of the descent; half of them with neighbours pulling twelve times as hard. @default {500} */
  readonly iterations?: number;
}

/** Points on a plane. */
export interface Plane {
  /** Across. */
  readonly x: Float64Array;
  /** Along. */
  readonly y: Float64Array;
}

/** How hard neighbours pull in the first half, so that groups form while they can still pass one another. */
const EXAGGERATION = 12;
/** Spread that points start with, as in scikit-learn: so little that the first steps are all attraction. */
const START_SPREAD = 1e-4;
/** Steps between turns of the event loop. */
const BREATH = 10;
const MIN_GAIN = 0.01;

/**
 * Exact t-SNE (van der Maaten and Hinton 2008, "Visualizing Data using t-SNE"), with the settings of scikit-learn's
 * `TSNE(init="pca", learning_rate="auto", method="exact")`. No chance is involved: points start where `start` says. Time and memory
 * grow with the square of the points: a second and a few megabytes for 1,000.
 *
 * @param distances Squared distances of all points, `[points, points]`.
 * @param start Where points start: their principal plane, scaled here.
 */
export async function tsne(
  distances: ArrayLike<number>,
  start: Plane,
  { perplexity = 30, iterations = 500, onProgress, signal }: TsneOptions = {},
): Promise<Plane> {
  const n = start.x.length;
  signal?.throwIfAborted();
  const spread = Math.sqrt(start.x.reduce((sum, value) => sum + value * value, 0) / Math.max(1, n));
  const scale = spread > 0 ? START_SPREAD / spread : 0;
  const x = start.x.map((value) => value * scale), y = start.y.map((value) => value * scale);
  if (n < 4 || scale === 0) return { x, y }; // too few to have neighbours, or all of them one point
  const pull = jointProbabilities(distances, n, Math.min(perplexity, (n - 1) / 3));
  const rate = Math.max(50, n / EXAGGERATION / 4);
  const axes = [x, y].map((position) => ({
    position,
    gradient: new Float64Array(n),
    speed: new Float64Array(n),
    gain: new Float64Array(n).fill(1),
  }));
  for (let step = 0; step < iterations; step++) {
    const early = step < iterations / 2;
    if (step === Math.ceil(iterations / 2)) {
      // As scikit-learn does: what was gained under exaggeration would throw points about now.
      for (const { speed, gain } of axes) {
        speed.fill(0);
        gain.fill(1);
      }
    }
    slopes(pull, axes[0], axes[1], early ? EXAGGERATION : 1);
    for (const { position, gradient, speed, gain } of axes) {
      for (let i = 0; i < n; i++) {
        gain[i] = Math.max(MIN_GAIN, speed[i] * gradient[i] < 0 ? gain[i] + 0.2 : gain[i] * 0.8);
        speed[i] = (early ? 0.5 : 0.8) * speed[i] - rate * gain[i] * gradient[i];
        position[i] += speed[i];
      }
    }
    if ((step + 1) % BREATH === 0 || step + 1 === iterations) {
      onProgress?.({ stage: "map", done: step + 1, total: iterations, unit: "steps" });
      await breathe(signal);
    }
  }
  return { x, y };
}

/** Of each pair above the diagonal, row by row. */
type Pairs = Float64Array;

/**
 * How much each two points belong together, summing to 1 over ordered pairs: each point spreads itself over the others by a
 * normal distribution that is as wide as it takes for the perplexity.
 *
 * @returns Of each pair above the diagonal, row by row, `[points * (points - 1) / 2]`.
 */
export function jointProbabilities(
  distances: ArrayLike<number>,
  points: number,
  perplexity: number,
): Pairs {
  const all = new Float64Array(points * points);
  const entropy = Math.log(perplexity);
  for (let i = 0; i < points; i++) {
    const row = all.subarray(i * points, (i + 1) * points);
    let least = Infinity;
    for (let j = 0; j < points; j++) {
      if (j !== i) least = Math.min(least, distances[i * points + j]);
    }
    let low = 0, high = Infinity, sharpness = 1;
    for (let attempt = 0; attempt < 100; attempt++) {
      let sum = 0, mean = 0;
      for (let j = 0; j < points; j++) {
        if (j === i) continue;
        const further = distances[i * points + j] - least; // the same shares, and no sum of zeros
        row[j] = Math.exp(-sharpness * further);
        sum += row[j];
        mean += row[j] * further;
      }
      const off = Math.log(sum) + sharpness * mean / sum - entropy;
      for (let j = 0; j < points; j++) row[j] /= sum;
      if (Math.abs(off) < 1e-5) break;
      if (off > 0) low = sharpness;
      else high = sharpness;
      sharpness = high === Infinity ? sharpness * 2 : (low + high) / 2;
    }
  }
  const pairs = new Float64Array(points * (points - 1) / 2);
  for (let i = 0, at = 0; i < points; i++) {
    for (let j = i + 1; j < points; j++) {
      pairs[at++] = (all[i * points + j] + all[j * points + i]) / (2 * points);
    }
  }
  return pairs;
}

interface Axis {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
}

/** Gradient of the divergence of the plane's neighbourhoods from `pull` (equation 5), `pull` times `exaggeration`. */
function slopes(pull: Pairs, across: Axis, along: Axis, exaggeration: number): void {
  const x = across.position, y = along.position;
  const n = x.length;
  const pulls = [new Float64Array(n), new Float64Array(n)];
  const pushes = [new Float64Array(n), new Float64Array(n)];
  const [pullX, pullY] = pulls, [pushX, pushY] = pushes;
  let total = 0;
  for (let i = 0, at = 0; i < n; i++) {
    const xi = x[i], yi = y[i];
    let attractX = 0, attractY = 0, repelX = 0, repelY = 0;
    for (let j = i + 1; j < n; j++, at++) {
      const dx = xi - x[j], dy = yi - y[j];
      const near = 1 / (1 + dx * dx + dy * dy);
      total += near;
      const attraction = pull[at] * near, repulsion = near * near;
      attractX += attraction * dx;
      attractY += attraction * dy;
      repelX += repulsion * dx;
      repelY += repulsion * dy;
      pullX[j] -= attraction * dx;
      pullY[j] -= attraction * dy;
      pushX[j] -= repulsion * dx;
      pushY[j] -= repulsion * dy;
    }
    pullX[i] += attractX;
    pullY[i] += attractY;
    pushX[i] += repelX;
    pushY[i] += repelY;
  }
  total *= 2; // of ordered pairs
  for (let i = 0; i < n; i++) {
    across.gradient[i] = 4 * (exaggeration * pullX[i] - pushX[i] / total);
    along.gradient[i] = 4 * (exaggeration * pullY[i] - pushY[i] / total);
  }
}
