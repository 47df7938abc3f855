/** Small files that are expensive to decode, made as the formats say. @module */

import { deflateSync } from "node:zlib";
import { crc32 } from "../../src/core/crc32.ts";

/** A JPEG segment. */
function segment(marker: number, ...body: number[]): number[] {
  const length = body.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...body];
}

/** Two bytes, the higher one first. */
function word(value: number): [number, number] {
  return [value >> 8 & 255, value & 255];
}

/**
 * A grey progressive JPEG (ITU T.81, G) whose scans each say that nothing changes: one for the DC coefficients, then `scans` over the AC
 * ones, in end-of-band runs as long as the format has them. A decoder that trusts it walks through all blocks for every scan.
 */
export function scanBomb(
  width: number,
  height: number,
  scans: number,
): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const bytes = [
    0xff,
    0xd8,
    ...segment(0xdb, 0, ...new Array(64).fill(16)),
    ...segment(0xc2, 8, ...word(height), ...word(width), 1, 1, 0x11, 0),
    // One code each, of one bit: DC difference 0; AC: an end-of-band run of 2^14 blocks and more.
    ...segment(0xc4, 0x00, 1, ...new Array(15).fill(0), 0),
    ...segment(0xc4, 0x10, 1, ...new Array(15).fill(0), 0xe0),
  ];
  bytes.push(...segment(0xda, 1, 1, 0x00, 0, 0, 0x00));
  bytes.push(...packed("0".repeat(blocks)));
  // Runs: code 0, then 14 bits that are added to 2^14.
  let scan = "";
  for (let left = blocks; left > 0;) {
    const run = Math.min(32_767, Math.max(16_384, left));
    scan += "0" + (run - 16_384).toString(2).padStart(14, "0");
    left -= run;
  }
  const head = segment(0xda, 1, 1, 0x00, 1, 63, 0x00);
  const data = packed(scan);
  const file = new Uint8Array(bytes.length + scans * (head.length + data.length) + 2);
  file.set(bytes);
  for (let i = 0, at = bytes.length; i < scans; i++) {
    file.set(head, at);
    file.set(data, at + head.length);
    at += head.length + data.length;
  }
  file.set([0xff, 0xd9], file.length - 2);
  return file;
}

/** A JPEG of 8 x 8 pixels that is nothing but empty segments behind its frame header: slow to read for what it is. */
export function segmentBomb(size: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(size);
  const head = [0xff, 0xd8, ...segment(0xc0, 8, ...word(8), ...word(8), 1, 1, 0x11, 0)];
  file.set(head);
  for (let at = head.length; at + 4 <= size; at += 4) file.set([0xff, 0xe2, 0, 2], at);
  return file;
}

/** Bits as bytes, filled up with ones, 0xff followed by 0. */
function packed(bits: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    const byte = parseInt(bits.slice(at, at + 8).padEnd(8, "1"), 2);
    bytes.push(byte);
    if (byte === 0xff) bytes.push(0);
  }
  return bytes;
}

/** A PNG of one colour: some 1,000 times smaller than its pixels. */
export function pngBomb(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits a sample, RGB
  const rows = deflateSync(new Uint8Array((1 + 3 * width) * height), { level: 9 });
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
