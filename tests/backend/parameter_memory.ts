/** Parameters and gradients that an op reaches by address, with canaries around each. @module */
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { type Area, CANARY, GUARD_WORDS, wordsOf } from "./plan_memory.ts";

/** Addresses by name. */
export type Addresses = Readonly<Record<string, number>>;

/** Numbers that are there beforehand, so many floats to be written, or words that hold addresses of others. */
export type Parameter =
  | Float32Array
  | number
  | { readonly words: number; readonly fill: (at: Addresses) => Uint32Array };

/** Blocks in memory. */
export interface ParameterMemory {
  /** Address of each. */
  readonly at: Addresses;
  /** Each with its canaries. */
  readonly areas: readonly Area[];
  /** The words of one, without its canaries. */
  area(name: string): Area;
  /** A copy of one. */
  read(name: string): Float32Array;
  /** Gives all back. */
  dispose(): void;
}

/** Puts parameters into memory; what is only to be written holds canaries. */
export function parameterMemory(
  runtime: WasmRuntime,
  parameters: Readonly<Record<string, Parameter>>,
): ParameterMemory {
  const areas = new Map<string, Area>();
  for (const [name, given] of Object.entries(parameters)) {
    const words = typeof given === "number" ? given : "words" in given ? given.words : given.length;
    const at = runtime.allocate((words + 2 * GUARD_WORDS) * 4);
    areas.set(name, { at: at + GUARD_WORDS * 4, words });
  }
  const at = Object.fromEntries([...areas].map(([name, area]) => [name, area.at]));
  const guarded = [...areas.values()].map((area) => ({
    at: area.at - GUARD_WORDS * 4,
    words: area.words + 2 * GUARD_WORDS,
  }));
  for (const area of guarded) wordsOf(runtime, area).fill(CANARY);
  for (const [name, given] of Object.entries(parameters)) {
    if (typeof given === "number") continue;
    const words = "words" in given
      ? given.fill(at)
      : new Uint32Array(given.buffer, given.byteOffset, given.length);
    wordsOf(runtime, areas.get(name)!).set(words);
  }
  return {
    at,
    areas: guarded,
    area: (name) => areas.get(name)!,
    read: (name) => new Float32Array(wordsOf(runtime, areas.get(name)!).slice().buffer),
    dispose() {
      for (const area of guarded) runtime.free(area.at);
    },
  };
}
