/** Where the values of a plan lie in memory, number by number, and canaries around all of them. @module */
import assert from "node:assert/strict";
import type { Placement } from "../../src/backend/plan_layout.ts";
import { imageBytes, PANEL, type Value } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import type { Numbers } from "./reference.ts";

/** NaN words on both sides of a block, to notice what is read or written beside it. */
export const GUARD_WORDS = 32;

/** A quiet NaN whose bits no kernel makes. */
export const CANARY = 0x7fc0beef;

/** Memory that belongs to one run. */
export interface Area {
  /** Address. */
  readonly at: number;
  /** Words of 32 bits. */
  readonly words: number;
}

/** Where a value lies. */
export interface Located {
  /** Which. */
  readonly value: Value;
  /** Word of each number, in the order of `[images, height, width, channels]`. */
  readonly words: Uint32Array;
  /** Words of its border. */
  readonly border: Uint32Array;
}

/** The words of an area, to be read and written. */
export function wordsOf(runtime: WasmRuntime, { at, words }: Area): Uint32Array {
  return new Uint32Array(runtime.memory.buffer, at, words);
}

/** Finds all words of a value whose first number lies at `at`. */
export function locate(
  value: Value,
  { panelStride }: Placement,
  at: number,
  images: number,
): Located {
  const { height, width, channels, kind, fixed, border } = value;
  const first = at / 4;
  const whole = border ?? { top: 0, left: 0, rows: height, columns: width };
  const count = fixed ? 1 : images;
  const words = new Uint32Array(count * height * width * channels);
  const around = new Uint32Array(
    count * (whole.rows * whole.columns - height * width) * channels,
  );
  // Tensors of tfjs lie pixel by pixel, values panel by panel.
  const inPanels = kind === "panels";
  const pixelWords = inPanels ? PANEL : channels;
  let place = 0, placeAround = 0;
  for (let image = 0; image < count; image++) {
    const ofImage = first + image * imageBytes(value) / 4;
    for (let row = 0; row < whole.rows; row++) {
      for (let column = 0; column < whole.columns; column++) {
        const pixel = ofImage + (row * whole.columns + column) * pixelWords;
        const y = row - whole.top, x = column - whole.left;
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        for (let c = 0; c < channels; c++) {
          const word = inPanels
            ? pixel + Math.floor(c / PANEL) * panelStride / 4 + c % PANEL
            : pixel + c;
          if (inside) words[place++] = word;
          else around[placeAround++] = word;
        }
      }
    }
  }
  return { value, words, border: around };
}

/** Writes numbers `[images, height, width, channels]`, and zeros into the border. */
export function writeValue(
  runtime: WasmRuntime,
  { value, words, border }: Located,
  numbers: Numbers,
): void {
  assert.equal(numbers.length, words.length, `numbers of ${value.name}`);
  const memory = new Float32Array(runtime.memory.buffer);
  for (const word of border) memory[word] = 0;
  for (let i = 0; i < words.length; i++) memory[words[i]] = numbers[i];
}

/** Numbers `[images, height, width, channels]`. @throws {assert.AssertionError} Where the border is not zero. */
export function readValue(runtime: WasmRuntime, { value, words, border }: Located): Float32Array {
  const floats = new Float32Array(runtime.memory.buffer);
  const stained = border.filter((word) => floats[word] !== 0);
  assert.equal(stained.length, 0, `${value.name}: numbers of its border that are not 0`);
  // Words rather than floats: a NaN keeps its bits.
  const memory = new Uint32Array(runtime.memory.buffer);
  const bits = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i++) bits[i] = memory[words[i]];
  return new Float32Array(bits.buffer);
}

/** Copies of areas as they are now. */
export function snapshot(runtime: WasmRuntime, areas: readonly Area[]): Uint32Array[] {
  return areas.map((area) => wordsOf(runtime, area).slice());
}

/**
 * Counts the words of the areas that are not as they were `before`.
 *
 * @param mine Words that may have changed; those of one list lie in one area.
 */
export function changedWords(
  runtime: WasmRuntime,
  areas: readonly Area[],
  before: readonly Uint32Array[],
  mine: readonly Uint32Array[],
): number {
  const now = snapshot(runtime, areas);
  for (const list of mine.filter(({ length }) => length > 0)) {
    const index = areas.findIndex(({ at, words }) => list[0] >= at / 4 && list[0] < at / 4 + words);
    const first = areas[index].at / 4;
    for (const word of list) now[index][word - first] = before[index][word - first];
  }
  let changed = 0;
  now.forEach((words, index) => {
    const old = before[index];
    for (let i = 0; i < words.length; i++) if (words[i] !== old[i]) changed++;
  });
  return changed;
}
