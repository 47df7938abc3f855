/** Grad-CAM's arithmetic. @module */

import type { StageOutput } from "../model/network.ts";

/**
 * Class activation maps by gradients (Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via
 * Gradient-based Localization", equations 1 and 2): each channel counts by the mean of its gradient over all places; where the
 * channels together speak against the class, the map is 0; then each map is divided by its largest number.
 *
 * @param activation Output of a stage.
 * @param gradient Gradient of the class's score by it.
 * @returns A map for each picture, `[height, width]`, 0 to 1; all 0 where nothing speaks for the class.
 *
 * @example
 * ```ts
 * import { classActivationMaps } from "./class_activation.ts";
 * const shape = { height: 1, width: 2, channels: 1 };
 * const activation = { ...shape, data: Float32Array.of(1, 4) };
 * const [map] = classActivationMaps(activation, { ...shape, data: Float32Array.of(0.5, 1.5) });
 * if (map.join() !== "0.25,1") throw new Error(map.join());
 * ```
 */
export function classActivationMaps(
  { data, height, width, channels }: StageOutput,
  { data: gradient }: StageOutput,
): Float32Array[] {
  const places = height * width, size = places * channels;
  return Array.from({ length: data.length / size }, (_, picture) => {
    const start = picture * size;
    const weights = new Float64Array(channels);
    for (let i = 0; i < size; i++) weights[i % channels] += gradient[start + i] / places;
    const map = new Float32Array(places);
    for (let place = 0; place < places; place++) {
      let sum = 0;
      for (let k = 0; k < channels; k++) sum += weights[k] * data[start + place * channels + k];
      map[place] = Math.max(0, sum);
    }
    const largest = map.reduce((most, value) => Math.max(most, value), 0);
    return largest > 0 ? map.map((value) => value / largest) : map;
  });
}
