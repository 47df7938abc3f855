/**
 * What every contender of the training benchmark computes besides the pictures of protocol.ts: the new layer, the
 * labels, Adam, and the probe that shows that all of them train the same network alike. The Python twin is
 * training_torch_server.py.
 *
 * @module
 */

/** Classes of the new layer, as in the lab. */
export const CLASSES = 10;

/** Length of the vector before it. */
export const FEATURES = 1280;

/** Factor of the gradient's direction; the rest is `torch.optim.Adam`'s default. */
export const LEARNING_RATE = 1e-4;

/** Probability of dropping a feature, and of skipping the deepest block: torchvision's own for B0. */
export const DROP = 0.2;

/**
 * The probe: three steps at this size with nothing dropped. What they give is the mean cross-entropy before each, then
 * `features.8.1`'s first three running means and first two running variances afterwards.
 */
export const PROBE = { size: 28, batch: 8, steps: 3, means: 3, variances: 2 } as const;

/**
 * Largest difference between probes, relative to their largest number. Batch norm over the eight numbers that are left
 * of a channel enlarges float32's rounding, and Adam's first steps go by the sign of each gradient, however small:
 * contenders differ by 7e-5. Adam without bias correction is off by 1e-1, biased running variances by 4e-2.
 */
export const PROBE_TOLERANCE = 1e-3;

/** Weight of the new layer, `[CLASSES, FEATURES]`: whole 256ths from -15 to 15. Its bias is 0. */
export function headWeight(): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: CLASSES * FEATURES },
    (_, i) => ((Math.floor(i / FEATURES) * 7 + (i % FEATURES) * 13) % 31 - 15) / 256,
  );
}

/** Class of each picture. */
export function caseLabels(batch: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
}
