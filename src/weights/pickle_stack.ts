/** The stack machine that pickles are programs for, and what one may cost. @module */

import type { UserError } from "../core/errors.ts";
import type { PickleInput } from "./pickle_input.ts";
import { isDictLike, isGlobal, type PicklePersistent, type PickleValue } from "./pickle_value.ts";

// Budgets that follow from the bytes read so far. An opcode is one step, an item that is moved another: a file needs at most two
// steps a byte, whatever it holds, unless it copies what it has.
const FREE_STEPS = 10_000;
const STEPS_PER_BYTE = 4;
// A state dict takes about 10 bytes of memory for each of its pickle's.
const FREE_MEMORY = 16 * 2 ** 20;
const MEMORY_PER_BYTE = 32;
const MAX_MEMORY = 128 * 2 ** 20;

/** Bytes of memory that values take, rounded up from what V8 was measured to take. */
export const COST = {
  item: 8,
  number: 16,
  text: 32,
  list: 48,
  record: 64,
  view: 160,
  dict: 240,
  pair: 48,
};

/** Characters by which two keys of a dict that are equal, but not one, are compared in the time of a step. */
const CHARACTERS_PER_STEP = 64;

/** Python's, which cannot change either; every one is this. */
export const EMPTY_TUPLE: readonly PickleValue[] = Object.freeze([]);

/**
 * The stack, its marks and the memo.
 *
 * Whatever a pickle does, it may take 4 steps and 32 bytes of memory for each byte read so far, beyond 10,000 steps and 16 MiB, and
 * no more than 128 MiB in all: nothing that it copies, refers to or calls can make of a file more than it holds.
 */
export class PickleStack {
  /** Every outside reference, in order of appearance. */
  readonly persistent: PicklePersistent[] = [];
  readonly #input: PickleInput;
  readonly #start: number;
  readonly #fail: (detail: string) => UserError;
  readonly #values: PickleValue[] = [];
  readonly #marks: number[] = [];
  // A list, as every pickler numbers its memo from 0 on: numbers can be chosen so that a Map becomes slow.
  readonly #memo: (PickleValue | undefined)[] = [];
  #memoized = 0;
  #steps = 0;
  #memory = 0;

  /**
   * An empty stack.
   *
   * @param input What is read.
   * @param fail Makes the error to throw from what was found.
   */
  constructor(input: PickleInput, fail: (detail: string) => UserError) {
    this.#input = input;
    this.#start = input.position;
    this.#fail = fail;
  }

  /** Number of values. */
  get size(): number {
    return this.#values.length;
  }

  /** Number of marks. */
  get depth(): number {
    return this.#marks.length;
  }

  /** The error about a pickle that no pickler writes. */
  malformed(): UserError {
    return this.#fail("its pickle is malformed; fetch the file again");
  }

  /** Counts work, and memory in bytes. @throws {UserError} The budget does not hold them. */
  spend(steps: number, memory: number): void {
    this.#steps += steps;
    this.#memory += memory;
    const read = this.#input.position - this.#start;
    const spent = this.#steps > FREE_STEPS + STEPS_PER_BYTE * read
      ? "work"
      : this.#memory > Math.min(MAX_MEMORY, FREE_MEMORY + MEMORY_PER_BYTE * read)
      ? "memory"
      : undefined;
    if (spent === undefined) return;
    throw this.#fail(
      `the first ${read} bytes of its pickle ask for more ${spent} than a file of that size needs, expected what torch.save writes; it may be hostile, get it from elsewhere`,
    );
  }

  /** Puts a value on top that takes `memory` bytes beside the stack, whose size is bounded by itself. */
  push(value: PickleValue, memory = 0): void {
    if (memory > 0) this.spend(0, memory);
    this.#values.push(value);
  }

  /** Puts text on top, from its UTF-8 bytes. */
  pushText(bytes: Uint8Array): void {
    this.spend(0, COST.text + 2 * bytes.length); // before it is decoded
    this.#values.push(this.#input.text(bytes));
  }

  /** Takes the value at the top, not beyond the last mark. */
  pop(): PickleValue {
    const value = this.top();
    this.#values.length--;
    return value;
  }

  /** The value at the top, not beyond the last mark. */
  top(): PickleValue {
    if (this.#values.length <= (this.#marks.at(-1) ?? 0)) throw this.malformed();
    return this.#values[this.#values.length - 1];
  }

  /** The only value. */
  last(): PickleValue {
    if (this.#values.length !== 1 || this.#marks.length > 0) throw this.malformed();
    return this.#values[0];
  }

  /** Sets a mark. */
  mark(): void {
    this.#marks.push(this.#values.length);
  }

  /** Takes the value at the top, or the mark if that is there. */
  popAny(): void {
    if (this.#marks.at(-1) === this.#values.length) this.#marks.pop();
    else this.pop();
  }

  /** Takes the values down to the last mark, and the mark. */
  popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.malformed();
    const count = this.#values.length - mark;
    this.spend(count, COST.list + COST.item * count);
    return this.#values.splice(mark);
  }

  /** Makes a tuple of the values at the top. */
  popTuple(size: number): void {
    const items = Array.from({ length: size }, () => this.pop()).reverse();
    this.push(items, COST.list + COST.item * size);
  }

  /** Appends to the list at the top. */
  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list) || list === EMPTY_TUPLE) throw this.malformed();
    this.spend(items.length, COST.item * items.length);
    for (const item of items) list.push(item);
  }

  /** Sets keys and values, in turn, in the dict at the top. */
  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw this.malformed();
    for (let i = 0; i < items.length; i += 2) this.#setItem(dict, items[i], items[i + 1]);
  }

  /** Records a call of what is below the arguments at the top; dicts are made. */
  call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!isGlobal(callee) || !Array.isArray(args)) throw this.malformed();
    if (isDictLike(callee)) this.push(this.#dictOf(args));
    else this.push({ kind: "call", callee, args }, COST.record);
  }

  /** Makes the value at the top an outside reference. */
  refer(): void {
    const reference: PicklePersistent = { kind: "persistent", id: this.pop() };
    this.persistent.push(reference);
    this.push(reference, COST.record);
  }

  /** Remembers the value at the top. @param index Its number; the next one where left out. */
  memoize(index: number = this.#memoized): void {
    const memo = this.#memo;
    // All that was remembered before took steps to make: no pickler's number is beyond them.
    if (index > this.#steps) throw this.malformed();
    this.spend(0, COST.item * Math.max(0, index - memo.length + 1));
    while (memo.length < index) memo.push(undefined);
    if (memo[index] === undefined) this.#memoized++;
    memo[index] = this.top();
  }

  /** Puts on top what was remembered. */
  recall(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw this.malformed();
    this.push(value);
  }

  #setItem(dict: Map<PickleValue, PickleValue>, key: PickleValue, value: PickleValue): void {
    const isText = typeof key === "string";
    if (isText) this.spend(1 + key.length / CHARACTERS_PER_STEP, COST.pair);
    else this.spend(1, COST.pair + COST.record);
    // Numbers, too, can be chosen so that a Map becomes slow, and nobody looks them up.
    dict.set(isText ? key : { kind: "key", value: key }, value);
  }

  /** Python 2 hands an ordered dict's pairs to the call, Python 3 sets them after it; a `defaultdict` is handed its factory. */
  #dictOf(args: readonly PickleValue[]): PickleValue {
    const pairs = args.at(-1) ?? [];
    const dict = new Map<PickleValue, PickleValue>();
    this.spend(0, COST.dict);
    if (isGlobal(pairs)) return dict;
    if (!Array.isArray(pairs)) throw this.malformed();
    for (const pair of pairs) {
      if (!Array.isArray(pair) || pair.length !== 2) throw this.malformed();
      this.#setItem(dict, pair[0], pair[1]);
    }
    return dict;
  }
}
