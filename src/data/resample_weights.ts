/** Which source pixels make a resized pixel, and in what shares. @module */

/** How pixels between pixels are found. */
export type Interpolation = "bicubic" | "bilinear";

/** For each pixel along one side of the result: where its source pixels start, and the share of each. */
export interface ResampleWeights {
  /** Length of the result. */
  readonly length: number;
  /** Number of shares per pixel; those not needed are 0. */
  readonly taps: number;
  /** First source pixel of each pixel; all `taps` from there on lie inside the source. */
  readonly starts: Int32Array;
  /** `[length, taps]`; the shares of a pixel sum to 1. */
  readonly shares: Float64Array;
}

/**
 * Shares of resizing with antialias: going down, the kernel is stretched over all the source pixels that a result
 * pixel covers. Those of PIL (`src/libImaging/Resample.c`, `precompute_coeffs`) and of torch's
 * `interpolate(antialias=True)`; both take a = -0.5 for bicubic (Keys 1981).
 *
 * @param from Length of the source, in pixels.
 * @param to Length of the result, in pixels.
 *
 * @example
 * ```ts
 * import { antialiasedWeights } from "./resample_weights.ts";
 * const { starts, shares } = antialiasedWeights(4, 2, "bilinear");
 * if (starts.join() !== "0,1" || shares[0] !== 3 / 7) throw new Error(shares.join());
 * ```
 */
export function antialiasedWeights(
  from: number,
  to: number,
  interpolation: Interpolation,
): ResampleWeights {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const kernel = interpolation === "bicubic" ? (x: number) => cubic(x, -0.5) : triangle;
  const support = (interpolation === "bicubic" ? 2 : 1) * stretch;
  const startOf = (centre: number) => Math.max(0, Math.trunc(centre - support + 0.5));
  const endOf = (centre: number) => Math.min(from, Math.trunc(centre + support + 0.5));
  let taps = 0;
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    taps = Math.max(taps, endOf(centre) - startOf(centre));
  }
  const starts = new Int32Array(to);
  const shares = new Float64Array(to * taps);
  // Made for each picture where sizes differ: no objects in these loops.
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const [start, end] = [startOf(centre), endOf(centre)];
    starts[i] = Math.min(start, from - taps); // moved left where the table would reach beyond the source
    const first = i * taps - starts[i];
    let sum = 0;
    for (let at = start; at < end; at++) {
      const share = kernel((at - centre + 0.5) / stretch);
      shares[first + at] = share;
      sum += share;
    }
    for (let at = start; at < end; at++) shares[first + at] /= sum;
  }
  return { length: to, taps, starts, shares };
}

/**
 * Shares of resizing without antialias: two or four neighbours of the point that a result pixel falls on, whatever
 * the scale. Those of torch's `interpolate(align_corners=False)`, which takes a = -0.75 for bicubic and repeats the
 * border pixels.
 *
 * @param from Length of the source, in pixels.
 * @param to Length of the result, in pixels.
 *
 * @example
 * ```ts
 * import { plainWeights } from "./resample_weights.ts";
 * const { starts, shares } = plainWeights(4, 2, "bilinear");
 * if (starts.join() !== "0,2" || shares.join() !== "0.5,0.5,0.5,0.5") throw new Error(shares.join());
 * ```
 */
export function plainWeights(
  from: number,
  to: number,
  interpolation: Interpolation,
): ResampleWeights {
  const scale = from / to;
  const inside = (position: number) => Math.min(from - 1, Math.max(0, position));
  return gather(from, to, (i) => {
    const point = (i + 0.5) * scale - 0.5;
    if (interpolation === "bilinear") {
      const clamped = Math.max(0, point);
      const left = Math.floor(clamped);
      const t = clamped - left;
      return [[inside(left), 1 - t], [inside(left + 1), t]];
    }
    const left = Math.floor(point);
    return [-1, 0, 1, 2].map((k) => [inside(left + k), cubic(point - left - k, -0.75)]);
  });
}

/** Brings shares given pixel by pixel into one table; a source pixel may be given twice. */
function gather(
  from: number,
  to: number,
  sharesOf: (i: number) => (readonly [position: number, share: number])[],
): ResampleWeights {
  const all = Array.from({ length: to }, (_, i) => sharesOf(i));
  const spans = all.map((pairs) => {
    const positions = pairs.map(([position]) => position);
    return { first: Math.min(...positions), last: Math.max(...positions) };
  });
  const taps = Math.max(...spans.map(({ first, last }) => last - first + 1));
  const starts = new Int32Array(to);
  const shares = new Float64Array(to * taps);
  all.forEach((pairs, i) => {
    // Moved left where the table would reach beyond the source.
    starts[i] = Math.min(spans[i].first, from - taps);
    for (const [position, share] of pairs) shares[i * taps + position - starts[i]] += share;
  });
  return { length: to, taps, starts, shares };
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** Cubic convolution kernel (Keys 1981) with the free parameter `a`. */
function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((t - 5) * t + 8) * t * a - 4 * a;
  return 0;
}
