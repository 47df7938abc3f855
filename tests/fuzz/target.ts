/** What a fuzz target is, and the checks that all of them share. @module */
import { Buffer } from "node:buffer";
import { UserError } from "../../src/core/errors.ts";
import type { Dice } from "./dice.ts";

/** What became of an input that was handled as it should be. */
export type Outcome = "accepted" | "refused";

/** Something that reads what people bring. */
export interface Target {
  /**
   * Makes one input.
   *
   * @returns The bytes of a file; what else goes with it is drawn from the dice when it runs.
   */
  readonly make: (dice: Dice) => Uint8Array | Promise<Uint8Array>;
  /**
   * Reads one input and checks what came out of it.
   *
   * @param dice Goes on where `make` stopped.
   * @throws Whatever is a fault: any error that is no refusal, and any result that cannot be.
   */
  readonly run: (bytes: Uint8Array, dice: Dice) => Promise<Outcome>;
  /** Things that must be as many after all cases as they were after the first ones: tensors, for instance. */
  readonly held?: () => number;
  /** Ends servers and removes files. */
  readonly close?: () => Promise<void>;
}

/** Longest message of an error: more than any needs, less than a screen. */
const MOST_CHARACTERS = 2000;

/**
 * Runs a reader.
 *
 * @returns What it returned; `undefined` when it refused its input as it should: by a `UserError` of one line.
 * @throws What else it threw.
 */
export async function orRefused<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    checkMessage(error.message);
    return undefined;
  }
}

/** @throws When a message for users is more than a line, or no sentence at all. */
export function checkMessage(message: string): void {
  // deno-lint-ignore no-control-regex -- what would move a terminal's cursor
  const control = /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.exec(message);
  check(control === null, `a message holds the character ${control?.[0].codePointAt(0)}`, message);
  check(message.length <= MOST_CHARACTERS, `a message of ${message.length} characters`, message);
  check(message.length > 10, "a message that says nothing", message);
}

/** @throws When something is not as it must be. */
export function check(holds: boolean, what: string, detail: unknown = ""): asserts holds {
  if (!holds) throw new Error(`${what}: ${String(detail).slice(0, 500)}`);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws When two arrays differ in length or in an element. */
export function checkEqual(a: ArrayLike<unknown>, b: ArrayLike<unknown>, what: string): void {
  check(a.length === b.length, what, `${a.length} and ${b.length} elements`);
  if (
    ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && Buffer.compare(bytesOf(a), bytesOf(b)) === 0
  ) {
    return;
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) {
      throw new Error(`${what}: element ${i} is ${a[i]} and ${b[i]}`);
    }
  }
}
