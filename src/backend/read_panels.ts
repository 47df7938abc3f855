/** Activations out of a plan's memory. @module */

import { imageBytes, innerOffset, PANEL, rowBytes, type Value } from "./ops/value.ts";

/** Where an activation lies. */
export interface PanelsAt {
  /** Byte at which its first panel starts. */
  readonly address: number;
  /** Bytes from one panel to the next. */
  readonly panelStride: number;
}

/**
 * Copies an activation in panels out of memory, without its border.
 *
 * @param floats All of the memory.
 * @returns `[images, height, width, channels]`, channels in whole panels.
 */
export function readPanels(
  floats: Float32Array,
  value: Value,
  { address, panelStride }: PanelsAt,
  images: number,
): Float32Array {
  const { channels, height, width } = value;
  const out = new Float32Array(images * height * width * channels);
  for (let panel = 0; panel < channels / PANEL; panel++) {
    for (let image = 0; image < images; image++) {
      const plane = address + panel * panelStride + image * imageBytes(value) + innerOffset(value);
      for (let y = 0; y < height; y++) {
        let from = (plane + y * rowBytes(value)) / 4;
        let to = ((image * height + y) * width) * channels + panel * PANEL;
        for (let x = 0; x < width; x++, from += PANEL, to += channels) {
          for (let k = 0; k < PANEL; k++) out[to + k] = floats[from + k];
        }
      }
    }
  }
  return out;
}
