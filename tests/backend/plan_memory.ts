/** Where the values of a plan lie in memory, number by number, and canaries around all of them. @module */
import assert from "node:assert/strict";
import type { Placement } from "../../src/backend/plan_layout.ts";
import { imageBytes, PANEL, PIXEL_BYTES, type Value } from "../../src/backend/ops/value.ts";
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

/** A value in memory. */
export interface Located {
  /** Which. */
  readonly value: Value;
  /** What the plan's layout says. */
  readonly placement: Placement;
  /** Address of its first number. */
  readonly at: number;
}

/** The words of an area, to be read and written. */
export function wordsOf(runtime: WasmRuntime, { at, words }: Area): Uint32Array {
  return new Uint32Array(runtime.memory.buffer, at, words);
}

/** Word of one number; rows and columns count from the first pixel inside of the border. */
function wordOf(
  { value, placement, at }: Located,
  image: number,
  row: number,
  column: number,
  channel: number,
): number {
  if (value.kind !== "panels") {
    const pixel = (image * value.height + row) * value.width + column;
    return at / 4 + pixel * value.channels + channel;
  }
  const { border } = value;
  const pixel = border
    ? (row + border.top) * border.columns + column + border.left
    : row * value.width + column;
  const panel = Math.floor(channel / PANEL) * placement.panelStride;
  const bytes = panel + image * imageBytes(value) + pixel * PIXEL_BYTES;
  return (at + bytes) / 4 + channel % PANEL;
}

/** Calls `visit` with the word of every number in the order of `[images, height, width, channels]`. */
export function eachWord(
  located: Located,
  images: number,
  visit: (word: number, place: number) => void,
): void {
  const { height, width, channels, fixed } = located.value;
  let place = 0;
  for (let image = 0; image < (fixed ? 1 : images); image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let c = 0; c < channels; c++) {
          visit(wordOf(located, image, row, column, c), place++);
        }
      }
    }
  }
}

/** The words of a value's border. */
export function wordsOfBorder(located: Located, images: number): number[] {
  const { border, height, width, channels } = located.value;
  if (!border) return [];
  const words: number[] = [];
  for (let image = 0; image < images; image++) {
    for (let row = -border.top; row < border.rows - border.top; row++) {
      for (let column = -border.left; column < border.columns - border.left; column++) {
        if (row >= 0 && row < height && column >= 0 && column < width) continue;
        for (let c = 0; c < channels; c++) words.push(wordOf(located, image, row, column, c));
      }
    }
  }
  return words;
}

/** Writes numbers `[images, height, width, channels]`, and zeros into the border. */
export function writeValue(
  runtime: WasmRuntime,
  located: Located,
  numbers: Numbers,
  images: number,
): void {
  assert.equal(numbers.length, sizeOf(located, images), `numbers of ${located.value.name}`);
  const words = new Float32Array(runtime.memory.buffer);
  for (const word of wordsOfBorder(located, images)) words[word] = 0;
  eachWord(located, images, (word, place) => words[word] = numbers[place]);
}

/** Numbers `[images, height, width, channels]`. @throws {assert.AssertionError} Where the border is not zero. */
export function readValue(runtime: WasmRuntime, located: Located, images: number): Float32Array {
  const words = new Float32Array(runtime.memory.buffer);
  const stained = wordsOfBorder(located, images).filter((word) => words[word] !== 0);
  assert.equal(stained.length, 0, `${located.value.name}: numbers of its border that are not 0`);
  // Words rather than floats: a NaN keeps its bits.
  const bits = new Uint32Array(sizeOf(located, images));
  const memory = new Uint32Array(runtime.memory.buffer);
  eachWord(located, images, (word, place) => bits[place] = memory[word]);
  return new Float32Array(bits.buffer);
}

function sizeOf({ value }: Located, images: number): number {
  const { height, width, channels, fixed } = value;
  return (fixed ? 1 : images) * height * width * channels;
}
