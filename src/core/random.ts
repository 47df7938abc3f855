/** Random numbers that are those of numpy and of PyTorch, draw for draw. @module */

import { UserError } from "./errors.ts";

/** Seed of all that is random where none is given: the lab's. */
export const DEFAULT_RANDOM_STATE = 5;

/** State size and shift distance of MT19937 (Matsumoto & Nishimura 1998). */
const N = 624;
const M = 397;

/** Where a generator stands: what numpy's `RandomState.get_state()` gives. */
export interface GeneratorState {
  /** The 624 words of the state. */
  readonly key: Uint32Array;
  /** How many of them were used, 0 to 624. */
  readonly position: number;
  /** The second normal number of a pair, where it waits to be given out. */
  readonly spareNormal?: number;
}

/**
 * Mersenne Twister MT19937: the generator behind `numpy.random.RandomState` and PyTorch's CPU generator,
 * which seed it alike.
 *
 * @example
 * ```ts
 * import { RandomState } from "./random.ts";
 * // numpy.random.RandomState(5).permutation(6)
 * const order = new RandomState(5).permutation(6);
 * if (order.join() !== "5,2,4,1,0,3") throw new Error(order.join());
 * ```
 */
export class RandomState {
  readonly #key = new Uint32Array(N);
  #position = N;
  #spareNormal: number | undefined;

  /**
   * Starts the sequence of a seed.
   *
   * @param seed Whole number, 0 to 2^32 - 1; as `numpy.random.RandomState(seed)` or `torch.manual_seed(seed)`.
   * @throws {UserError} For any other seed: seeds are what users choose.
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new UserError(
        `Cannot seed the random numbers: the seed is ${seed}, expected a whole number from 0 to 4294967295`,
      );
    }
    // init_genrand of the reference implementation mt19937ar.c (2002).
    this.#key[0] = seed;
    for (let i = 1; i < N; i++) {
      const previous = this.#key[i - 1];
      this.#key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /**
   * A generator that goes on where another stood.
   *
   * @throws {UserError} For a state that no generator can be in.
   *
   * @example
   * ```ts
   * import { RandomState } from "./random.ts";
   * const random = new RandomState(5);
   * const again = RandomState.fromState(random.state());
   * if (random.nextUint32() !== again.nextUint32()) throw new Error();
   * ```
   */
  static fromState({ key, position, spareNormal }: GeneratorState): RandomState {
    const whole = Number.isInteger(position) && position >= 0 && position <= N;
    if (key.length !== N || !whole) {
      throw new UserError(
        `Cannot go on with the random numbers: the state has ${key.length} words and position ${position}, expected ${N} and 0 to ${N}`,
      );
    }
    const random = new RandomState(0);
    random.#key.set(key);
    random.#position = position;
    random.#spareNormal = spareNormal;
    return random;
  }

  /** A copy of where the generator stands, for {@linkcode RandomState.fromState}. */
  state(): GeneratorState {
    const key = this.#key.slice();
    const at = { key, position: this.#position };
    return this.#spareNormal === undefined ? at : { ...at, spareNormal: this.#spareNormal };
  }

  /** The next 32 random bits, as a whole number from 0 to 2^32 - 1. */
  nextUint32(): number {
    if (this.#position === N) this.#refill();
    let y = this.#key[this.#position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** A number in [0, 1) of 53 random bits: `RandomState.random_sample()`. */
  randomDouble(): number {
    const high = this.nextUint32() >>> 5; // 27 bits
    const low = this.nextUint32() >>> 6; // 26 bits
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * A whole number from 0 to `max`, both included, by numpy's legacy way: draws are masked to the bits of
   * `max` and rejected until one fits.
   *
   * @param max Whole number, 0 to 2^32 - 1; 0 draws nothing.
   */
  interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    while (true) {
      const value = (this.nextUint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  /** Shuffles in place: `RandomState.shuffle` (Fisher-Yates from the end). */
  shuffle(items: { readonly length: number; [index: number]: number }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.interval(i);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
  }

  /** The numbers 0 to `n - 1` in random order: `RandomState.permutation(n)`. */
  permutation(n: number): Int32Array {
    const items = Int32Array.from({ length: n }, (_, i) => i);
    this.shuffle(items);
    return items;
  }

  /**
   * A draw from the standard normal distribution: `RandomState.standard_normal()`, the legacy polar method
   * (Marsaglia & Bray 1964), whose second number of each pair is kept for the next call. Equal to numpy up to
   * the last bit of the platform's logarithm.
   */
  standardNormal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    while (true) {
      const x = 2 * this.randomDouble() - 1;
      const y = 2 * this.randomDouble() - 1;
      const radius2 = x * x + y * y;
      if (radius2 >= 1 || radius2 === 0) continue;
      const factor = Math.sqrt(-2 * Math.log(radius2) / radius2);
      this.#spareNormal = factor * x;
      return factor * y;
    }
  }

  /** Makes the next 624 words of the state. */
  #refill(): void {
    const key = this.#key;
    for (let i = 0; i < N; i++) {
      const y = (key[i] & 0x80000000) | (key[(i + 1) % N] & 0x7fffffff);
      key[i] = key[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}

/** Options of {@linkcode torchUniform}. */
export interface TorchUniformOptions {
  /** Lower bound, included. @default {0} */
  readonly low?: number;
  /** Upper bound; reached only by rounding. @default {1} */
  readonly high?: number;
}

/**
 * `torch.empty(n).uniform_(low, high)` on PyTorch's CPU, bit for bit: each float32 takes the low 24 bits of one
 * 32-bit draw (ATen/core/TransformationHelper.h, `uniform_real`).
 *
 * @param random The generator; `new RandomState(seed)` is `torch.manual_seed(seed)`. It moves on by `n` draws, so
 * that calls in turn give what PyTorch's calls in turn give.
 * @param n How many numbers.
 *
 * @example
 * ```ts
 * import { RandomState, torchUniform } from "./random.ts";
 * // torch.manual_seed(0); torch.empty(2).uniform_()
 * const [a, b] = torchUniform(new RandomState(0), 2);
 * if (a.toFixed(4) !== "0.4963" || b.toFixed(4) !== "0.7682") throw new Error(`${a} ${b}`);
 * ```
 */
export function torchUniform(
  random: RandomState,
  n: number,
  { low = 0, high = 1 }: TorchUniformOptions = {},
): Float32Array {
  const from = Math.fround(low);
  const range = Math.fround(Math.fround(high) - from);
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    // The product is exact in float64, so that only the sum is rounded, as by the fused multiply-add that
    // PyTorch's kernel is compiled to.
    values[i] = (random.nextUint32() & 0xffffff) / 0x1000000 * range + from;
  }
  return values;
}
