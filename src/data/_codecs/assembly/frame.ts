// What the segments of a JPEG file say, set from outside: Huffman tables, and of each component the quantization and the
// place of its blocks.

import { makeTable, TABLE_BYTES } from "./huffman";

const TABLES: usize = memory.data(8 * 2464, 16);
const QUANTIZATION: usize = memory.data(4 * 128, 16);
const PARTS: usize = memory.data(4 * 64, 16);

/** Rows and columns of the image, and its components. */
export let rows: i32 = 0;
export let columns: i32 = 0;
export let parts: i32 = 0;
/** The largest sampling factors. */
export let mostAcross: i32 = 1;
export let mostDown: i32 = 1;

/** Begins with another image. */
export function setFrame(height: i32, width: i32, components: i32, across: i32, down: i32): void {
  rows = height;
  columns = width;
  parts = components;
  mostAcross = across;
  mostDown = down;
}

/**
 * A component: sampling factors, and where its coefficients (128 bytes a block, zigzag) and the masks of those that are not 0
 * (8 bytes a block) are.
 */
export function setPart(part: i32, across: i32, down: i32, coefficients: usize, masks: usize): void {
  const at = partAt(part);
  const unitsAcross = (columns + 8 * mostAcross - 1) / (8 * mostAcross);
  store<i32>(at, across);
  store<i32>(at, down, 4);
  store<i32>(at, unitsAcross * across, 8);
  store<i32>(at, (samplesAcross(part) + 7) >> 3, 12);
  store<i32>(at, (samplesDown(part) + 7) >> 3, 16);
  store<usize>(at, coefficients, 20);
  store<usize>(at, masks, 24);
}

/** Copies a component's 64 divisors of one or two bytes. */
export function setQuantization(part: i32, from: usize, bytes: i32): void {
  const to = quantizationOf(part);
  for (let i: usize = 0; i < 64; i++) {
    store<u16>(to + (i << 1), bytes == 1 ? load<u8>(from + i) : bswap<u16>(load<u16>(from + (i << 1))));
  }
}

/** Makes a Huffman table, 0 to 3 for first coefficients, 4 to 7 for others, of 16 counts and symbols. @returns whether it can be. */
export function setTable(index: i32, counts: usize, end: usize): bool {
  return makeTable(counts, end, tableOf(index)) != 0;
}

// @ts-ignore: decorator
@inline
export function tableOf(index: i32): usize {
  return TABLES + <usize>index * TABLE_BYTES;
}

// @ts-ignore: decorator
@inline
export function quantizationOf(part: i32): usize {
  return QUANTIZATION + (<usize>part << 7);
}

// @ts-ignore: decorator
@inline
function partAt(part: i32): usize {
  return PARTS + (<usize>part << 6);
}

/** Sampling factors. */
export function acrossOf(part: i32): i32 {
  return load<i32>(partAt(part));
}
export function downOf(part: i32): i32 {
  return load<i32>(partAt(part), 4);
}
/** Blocks from one row of blocks to the next. */
export function strideOf(part: i32): i32 {
  return load<i32>(partAt(part), 8);
}
/** Blocks of a scan of this component alone, which leaves out those that only fill up units (ITU T.81, A.2.2). */
export function blocksAcross(part: i32): i32 {
  return load<i32>(partAt(part), 12);
}
export function blocksDown(part: i32): i32 {
  return load<i32>(partAt(part), 16);
}
export function coefficientsOf(part: i32): usize {
  return load<usize>(partAt(part), 20);
}
export function masksOf(part: i32): usize {
  return load<usize>(partAt(part), 24);
}
/** Samples that the image needs of a component. */
export function samplesAcross(part: i32): i32 {
  return (columns * acrossOf(part) + mostAcross - 1) / mostAcross;
}
export function samplesDown(part: i32): i32 {
  return (rows * downOf(part) + mostDown - 1) / mostDown;
}
