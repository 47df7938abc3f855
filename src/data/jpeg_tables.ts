/** Quantization and Huffman tables of a JPEG file, for the kernels. @module */

import { decodeBase64 } from "../core/base64.ts";
import { type Kernels, layOut } from "./picture_kernels.ts";

/** The Huffman tables that cameras leave out of the frames of a film, as a DHT segment has them (ITU T.81, K.3 to K.6). */
const STANDARD_TABLES =
  "AAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicR" +
  "QygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5" +
  "SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+gEAAwEBAQEBAQEBAQAAAAAAAA" +
  "ECAwQFBgcICQoLEQACAQIEBAMEBwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNT" +
  "Y3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIyc" +
  "rS09TV1tfY2dri4+Tl5ufo6ery8/T19vf4+fo=";

/** Two tables of each kind. */
const STANDARD_BYTES = 416;

let standardTables: Uint8Array | undefined;

/** Bytes of the file, or of the tables behind it. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** A file in the kernels' memory, with the tables that its segments define and what of these the kernels have. */
export class JpegTables {
  /** Where the file is in the kernels' memory; the standard's tables lie behind it. */
  readonly file: number;
  /** Bytes of both. */
  readonly size: number;
  readonly #kernels: Kernels;
  readonly #bytes: Uint8Array;
  readonly #isSequential: boolean;
  readonly #quantizations: (Place & { readonly size: 1 | 2 } | undefined)[] = [];
  readonly #huffman: (Place | undefined)[] = [];
  readonly #made: (Place | undefined)[] = [];

  /** @param isSequential Whether Huffman tables may be missing: progressive files have no standard ones. */
  constructor(kernels: Kernels, bytes: Uint8Array, isSequential: boolean) {
    this.#kernels = kernels;
    this.#bytes = bytes;
    this.#isSequential = isSequential;
    this.size = bytes.length + STANDARD_BYTES;
    [this.file] = layOut(kernels, [this.size]);
    new Uint8Array(kernels.memory.buffer).set(bytes, this.file);
  }

  /** Defines the standard's tables where the file has not defined its own, once one of them is missed. */
  #defineStandard(): void {
    const standard = standardTables ??= decodeBase64(STANDARD_TABLES);
    new Uint8Array(this.#kernels.memory.buffer).set(standard, this.file + this.#bytes.length);
    const own = [...this.#huffman];
    this.#define({ from: 0, to: standard.length }, standard, this.#bytes.length);
    for (const [index, place] of own.entries()) if (place) this.#huffman[index] = place;
  }

  /** DQT (ITU T.81, B.2.4.1). @returns whether it is sound. */
  defineQuantization({ from, to }: Place): boolean {
    while (from < to) {
      const which = this.#bytes[from++];
      const size = which < 16 ? 1 : 2;
      if ((which & 15) > 3 || from + 64 * size > to) return false;
      this.#quantizations[which & 15] = { from, to: from += 64 * size, size };
    }
    return true;
  }

  /** DHT (ITU T.81, B.2.4.2). @returns whether it is sound. */
  defineHuffman(segment: Place): boolean {
    return this.#define(segment, this.#bytes, 0);
  }

  #define({ from, to }: Place, bytes: Uint8Array, shift: number): boolean {
    while (from < to) {
      const which = bytes[from++];
      if ((which & 0xec) !== 0) return false;
      let end = from + 16;
      for (let length = 0; length < 16; length++) end += bytes[from + length];
      if (end > to || end - from > 16 + 256) return false;
      this.#huffman[(which >> 4) * 4 + (which & 3)] = { from: from + shift, to: end + shift };
      from = end;
    }
    return true;
  }

  /** Has a component divided by the table that is valid now. @returns whether there is one. */
  takeQuantization(part: number, which: number): boolean {
    const place = this.#quantizations[which];
    if (place === undefined) return false;
    this.#kernels.setQuantization(part, this.file + place.from, place.size);
    return true;
  }

  /** Makes a Huffman table. @returns whether there is a sound one. */
  takeHuffman(index: number): boolean {
    if (this.#huffman[index] === undefined && this.#isSequential) this.#defineStandard();
    const place = this.#huffman[index];
    if (place === undefined) return false;
    if (this.#made[index] === place) return true;
    this.#made[index] = place;
    return this.#kernels.setTable(index, this.file + place.from, this.file + place.to) !== 0;
  }
}
