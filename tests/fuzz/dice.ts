/** Random choices of a fuzz case: the same seed, target and number give the same case on every machine. @module */
import { RandomState } from "../../src/core/random.ts";

/** Whole numbers at which readers go wrong: limits of types, and their neighbours. */
// deno-fmt-ignore
const INTERESTING = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 129, 254, 255, 256, 257, 511, 512, 1000, 1024, 4095, 4096,
  16383, 16384, 32767, 32768, 65534, 65535, 65536, 1 << 20, 0x7fffff, 0x1000000, 0x7ffffffe, 0x7fffffff, 0x80000000,
  0x80000001, 0xfffffffe, 0xffffffff,
];

/** Draws of one case. */
export class Dice {
  readonly #random: RandomState;

  /** @param seed Of the whole run. @param stream Name of the target. @param index Number of the case. */
  constructor(seed: number, stream: string, index: number) {
    let mixed = scramble(seed ^ 0x9e3779b9);
    for (let i = 0; i < stream.length; i++) mixed = scramble(mixed ^ stream.charCodeAt(i));
    this.#random = new RandomState(scramble(mixed ^ scramble(index)));
  }

  /** A whole number from 0 to `n - 1`; 0 where there is none. */
  below(n: number): number {
    return n > 1 ? this.#random.interval(Math.min(Math.floor(n) - 1, 0xffffffff)) : 0;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Whether something of the probability `p` happens. */
  chance(p: number): boolean {
    return this.#random.randomDouble() < p;
  }

  /** A number in [0, 1). */
  share(): number {
    return this.#random.randomDouble();
  }

  /** One of some values. */
  pick<T>(values: ArrayLike<T>): T {
    return values[this.below(values.length)];
  }

  /** A whole number from 1 to `most`, small ones far more often: each order of magnitude is equally likely. */
  size(most: number): number {
    return Math.max(1, Math.floor(most ** this.#random.randomDouble()));
  }

  /** A whole number at which readers go wrong, 0 to 2^32 - 1. */
  interesting(): number {
    return this.chance(0.1) ? this.#random.nextUint32() : this.pick(INTERESTING);
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = this.#random.nextUint32();
      for (let j = i; j < Math.min(i + 4, length); j++) bytes[j] = word >>> 8 * (j - i);
    }
    return bytes;
  }
}

/** Mixes the bits of a 32-bit number (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  value = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  value = Math.imul(value ^ value >>> 13, 0xc2b2ae35);
  return (value ^ value >>> 16) >>> 0;
}
