/** The bytes of a pickle, read from front to back. @module */

import type { UserError } from "../core/errors.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A position in bytes; every read checks that they suffice. */
export class PickleInput {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fail: (detail: string) => UserError;
  #position: number;

  /**
   * Begins to read.
   *
   * @param bytes What to read.
   * @param start Where to begin.
   * @param fail Makes the error to throw from what was found.
   */
  constructor(bytes: Uint8Array, start: number, fail: (detail: string) => UserError) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fail = fail;
    this.#position = start;
  }

  /** Index of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** The next `size` bytes, as a view. */
  take(size: number): Uint8Array {
    return this.#bytes.subarray(this.#advance(size), this.#position);
  }

  /** Little-endian unsigned integer; of 8 bytes only the lengths that a file can have are exact. */
  uint(size: 1 | 2 | 4 | 8): number {
    const at = this.#advance(size);
    switch (size) {
      case 1:
        return this.#view.getUint8(at);
      case 2:
        return this.#view.getUint16(at, true);
      case 4:
        return this.#view.getUint32(at, true);
      case 8:
        return Number(this.#view.getBigUint64(at, true));
    }
  }

  /** Big-endian double, as pickles write them. */
  float(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** Little-endian two's complement integer of `size` bytes. */
  long(size: number): number | bigint {
    const bytes = this.take(size);
    const padded = new Uint8Array(Math.ceil(size / 8) * 8);
    padded.set(bytes);
    let value = 0n;
    for (const word of new BigUint64Array(padded.buffer).reverse()) value = value << 64n | word;
    value = BigInt.asIntN(8 * size, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** UTF-8 bytes as text. */
  text(bytes: Uint8Array): string {
    try {
      return UTF8.decode(bytes);
    } catch {
      throw this.#fail("its pickle holds text that is not UTF-8; the file is damaged");
    }
  }

  /** Text up to the next line feed, which is read too; at most `maxBytes` long. */
  line(maxBytes: number): string {
    const size = this.#bytes.subarray(this.#position, this.#position + maxBytes).indexOf(0x0a);
    if (size < 0) throw this.#fail("its pickle holds a name without end; the file is damaged");
    const text = this.text(this.take(size));
    this.#advance(1);
    return text;
  }

  #advance(size: number): number {
    const at = this.#position;
    if (size > this.#bytes.length - at) {
      throw this.#fail("its pickle ends too early; the file is truncated, fetch it again");
    }
    this.#position = at + size;
    return at;
  }
}
