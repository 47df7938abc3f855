/** The optimizer's side of a network in memory: spans of parameters and the rule that changes them. @module */

import { type Spans, squares, update } from "../backend/ops/update.ts";
import type { Op } from "../backend/ops/op.ts";
import type { WasmRuntime } from "../backend/tfjs_loader.ts";
import type { EntryArray, NetworkEntry, UpdateRule } from "./network.ts";
import type { NetworkMemory } from "./network_memory.ts";

/** Floats of one span: its seven arrays stay in the first-level cache, and threads share spans evenly. */
const SPAN_FLOATS = 1024;
/** Words of a span and of a rule, as `_wasm/assembly/update.ts` reads them. */
const SPAN_WORDS = 16;
const RULE_WORDS = 16;

/** Spans and rule in memory. */
export interface NetworkUpdates {
  /** Op that stores each span's sum of squared gradients. */
  readonly squares: Op;
  /** Op that takes one step. */
  readonly update: Op;
  /** Writes the rule for the next step; makes the arrays that it needs. */
  prepare(rule: UpdateRule): void;
  /** Norm of all gradients after {@linkcode NetworkUpdates.squares} ran. */
  norm(): { norm: number; notFinite?: string };
}

/** Cuts all entries that learn into spans. */
export function networkUpdates(
  runtime: WasmRuntime,
  memory: NetworkMemory,
  entries: readonly NetworkEntry[],
): NetworkUpdates {
  const spans: { entry: NetworkEntry; first: number; floats: number }[] = [];
  for (const entry of entries.filter(({ trainable }) => trainable)) {
    const floats = memory.floats(entry.name);
    for (let first = 0; first < floats; first += SPAN_FLOATS) {
      spans.push({ entry, first, floats: Math.min(SPAN_FLOATS, floats - first) });
    }
  }
  const table = memory.reserve(Math.max(1, spans.length) * SPAN_WORDS * 4);
  const sums = memory.reserve(Math.max(1, spans.length) * 8);
  const rule = memory.reserve(RULE_WORDS * 4);
  const list: Spans = { address: table, count: spans.length };
  const at = (index: number, array: EntryArray) =>
    memory.address(spans[index].entry.name, array) + spans[index].first * 4;
  const setWords = (column: number, word: (index: number) => number) => {
    // Asked for before there is a view of the memory: an array that is made now may grow it.
    const values = spans.map((_, i) => word(i));
    const words = new Int32Array(runtime.memory.buffer, table, spans.length * SPAN_WORDS);
    for (let i = 0; i < spans.length; i++) words[i * SPAN_WORDS + column] = values[i];
  };
  const setFloats = (column: number, value: (entry: NetworkEntry) => number) => {
    const floats = new Float32Array(runtime.memory.buffer, table, spans.length * SPAN_WORDS);
    for (let i = 0; i < spans.length; i++) floats[i * SPAN_WORDS + column] = value(spans[i].entry);
  };
  setWords(0, (i) => at(i, "value"));
  setWords(1, (i) => at(i, "gradient"));
  setWords(4, (i) => spans[i].floats);
  setWords(9, (i) => sums + i * 8);

  /** Columns of arrays that were asked for. */
  const known = new Set<EntryArray>();
  const want = (array: EntryArray, column: number, copyValues: boolean) => {
    if (known.has(array)) return;
    known.add(array);
    // What was written by hand, as when training resumes, stays.
    if (copyValues && !memory.has(array)) {
      for (const { name } of entries) memory.write(name, memory.read(name, "value"), array);
    }
    setWords(column, (i) => at(i, array));
  };

  return {
    squares: squares(list),
    update: update(list, rule),
    prepare(next) {
      const { learningRate, weightDecay, step, rateOf, decays } = next;
      const { gradientScale = 1, startDecay = 0, averageDecay = 0 } = next;
      want("first", 2, false);
      if (next.kind === "adam") want("second", 3, false);
      if (startDecay !== 0) want("start", 7, true);
      if (averageDecay !== 0) want("average", 8, true);
      setFloats(5, (entry) => learningRate * (rateOf?.(entry) ?? 1));
      setFloats(6, (entry) => (decays?.(entry) ?? true) ? weightDecay : 0);
      const shared = [startDecay, averageDecay];
      const words = next.kind === "adam"
        ? [
          0,
          gradientScale,
          next.beta1,
          next.beta2,
          next.epsilon,
          1 / (1 - next.beta1 ** step),
          1 / Math.sqrt(1 - next.beta2 ** step),
          next.decoupled ? 1 : 0,
          0,
          ...shared,
          1 - next.beta1,
          1 - next.beta2,
          1 - averageDecay,
        ]
        : [
          1,
          gradientScale,
          next.momentum,
          next.dampening,
          0,
          0,
          0,
          next.nesterov ? 1 : 0,
          step === 1 ? 1 : 0,
          ...shared,
          0,
          // Without momentum PyTorch looks at no dampening either.
          next.momentum === 0 ? 1 : 1 - next.dampening,
          1 - averageDecay,
        ];
      new Float32Array(runtime.memory.buffer, rule, words.length).set(words);
    },
    norm() {
      const squared = new Float64Array(runtime.memory.buffer, sums, spans.length);
      let total = 0;
      for (const square of squared) total += square;
      if (Number.isFinite(total)) return { norm: Math.sqrt(total) };
      const index = squared.findIndex((square) => !Number.isFinite(square));
      return { norm: Math.sqrt(total), notFinite: spans[Math.max(0, index)].entry.name };
    },
  };
}
