/** A case of an op of training as data: what goes in, which ops, what comes out; and how it is run. @module */
import assert from "node:assert/strict";
import type { Op } from "../../src/backend/ops/op.ts";
import { opValues } from "../../src/backend/ops/op.ts";
import { applyGate } from "../../src/backend/ops/planes.ts";
import { PANEL, panels, type Value } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { RandomState } from "../../src/core/random.ts";
import { type Addresses, type Parameter, parameterMemory } from "./parameter_memory.ts";
import { runOps } from "./plan_harness.ts";
import type { Numbers } from "./reference.ts";

/** Ops between given numbers and expected ones. */
export interface TrainingCase {
  /** For messages. */
  readonly name: string;
  /** Images of the run. */
  readonly images: number;
  /** Images that the plan holds. @default `images` */
  readonly capacity?: number;
  /** What the ops read. */
  readonly given: ReadonlyMap<Value, Numbers>;
  /** What they reach by address. @default nothing */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** Parameters that they write. @default none */
  readonly writes?: readonly string[];
  /** The ops, in order. */
  ops(at: Addresses): readonly Op[];
  /** What the reference makes of it; asked for once per comparison. */
  expected(): readonly Expectation[];
}

/** Numbers that a value or a parameter must hold afterwards. */
export interface Expectation {
  /** Value, or name of a parameter. */
  readonly of: Value | string;
  /** The numbers; NaN for what must not be touched. */
  readonly numbers: Numbers;
  /** Of the largest expected number, or of `scale`; 0 for the very floats. @default TOLERANCE */
  readonly tolerance?: number;
  /** Whether the parameter holds doubles. @default false */
  readonly doubles?: boolean;
  /** Size of the terms that the numbers are sums of, where they cancel. @default the largest expected number */
  readonly scale?: number;
}

/**
 * Sums add up to 1152 products one after another, or blocks of up to 512 pixels, each rounded to 2^-24: about
 * sqrt(1152) * 2^-24 = 2e-6 for the worst of many. A wrong tap, row or factor is off by 1e-2 and more.
 */
const TOLERANCE = 4e-6;

/** `"private chains"`: inputs and outputs are copied, so that the op itself works in the threads' own memory. */
export const SHARES = ["ops", "chains", "private chains"] as const;

/** Results by value and by name of parameter. */
export type CaseResult = ReadonlyMap<Value | string, Float32Array>;

/** Runs a case; undefined where it cannot be shared that way. */
export function runCase(
  runtime: WasmRuntime,
  one: TrainingCase,
  share: (typeof SHARES)[number] = "ops",
): CaseResult | undefined {
  const { images, capacity, parameters = {}, writes = [] } = one;
  const memory = parameterMemory(runtime, parameters);
  try {
    const ops = one.ops(memory.at);
    const run = { images, capacity, given: one.given, parameters: memory, writes };
    const results = new Map<Value | string, Float32Array>();
    if (share !== "private chains") {
      for (const [value, numbers] of runOps(runtime, ops, { ...run, share })) {
        results.set(value, numbers);
      }
    } else {
      const inside = privately(ops, one.given);
      if (!inside) return undefined;
      const ones = new Float32Array(images * inside.ones.channels).fill(1);
      const given = new Map([...one.given, [inside.ones, ones]]);
      const kept = [...new Set(ops.flatMap(opValues)), inside.ones];
      const written = runOps(runtime, inside.ops, { ...run, given, kept, share: "chains" });
      for (const [value, numbers] of written) results.set(value, numbers);
    }
    for (const name of writes) results.set(name, memory.read(name));
    return results;
  } finally {
    memory.dispose();
  }
}

/** The same ops between copies of their values that live within one chain; undefined where there is no chain. */
function privately(
  ops: readonly Op[],
  given: ReadonlyMap<Value, Numbers>,
): { ops: Op[]; ones: Value } | undefined {
  const count = ops[0].panels?.count;
  if (count === undefined || ops.some(({ panels }) => panels?.count !== count)) return undefined;
  const whole = new Set(ops.flatMap(({ panels }) => panels!.readsWhole));
  const copies = new Map<Value, Value>();
  for (const value of ops.flatMap(opValues)) {
    const { kind, border, fixed, channels, name } = value;
    if (kind !== "panels" || border || fixed || channels !== count * PANEL) continue;
    if (!whole.has(value)) copies.set(value, { ...value, name: `copy of ${name}` });
  }
  if (copies.size === 0) return undefined;
  const ones = panels("ones", count * PANEL, 1, 1);
  const copyOf = <V extends Value | undefined>(value: V) => (value && copies.get(value)) ?? value;
  const written = new Set(ops.flatMap(({ target, alsoWrites = [] }) => [target, ...alsoWrites]));
  const inside = ops.map((op) => ({
    ...op,
    source: copyOf(op.source),
    target: copyOf(op.target),
    extra: copyOf(op.extra),
    others: op.others?.map((value) => copyOf(value)!),
    alsoWrites: op.alsoWrites?.map((value) => copyOf(value)!),
  }));
  const into = [...copies].filter(([value]) => given.has(value));
  const back = [...copies].filter(([value]) => written.has(value));
  return {
    ones,
    ops: [
      ...into.map(([value, copy]) => applyGate(value, ones, copy)),
      ...inside,
      ...back.map(([value, copy]) => applyGate(copy, ones, value)),
    ],
  };
}

/** @throws {assert.AssertionError} Where a result is not what the case expects. */
export function checkCase(one: TrainingCase, results: CaseResult, how = ""): void {
  const expected = one.expected();
  assert.deepEqual(
    new Set(expected.map(({ of }) => of)),
    new Set(results.keys()),
    `${one.name}: what is expected and what is written`,
  );
  for (const { of, numbers, doubles, tolerance = TOLERANCE, scale } of expected) {
    const what = `${one.name}, ${typeof of === "string" ? of : of.name}${how && `, ${how}`}`;
    const floats = results.get(of)!;
    const actual = doubles ? new Float64Array(floats.buffer) : floats;
    const error = errorOf(actual, numbers, scale);
    assert.ok(error <= tolerance, `${what}: relative error ${error}`);
  }
}

/** Largest difference as a part of the scale; what is expected to be NaN must be. */
function errorOf(actual: Numbers, expected: Numbers, scale?: number): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0, size = 0;
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(expected[i])) {
      if (!Number.isNaN(actual[i])) return Infinity;
      continue;
    }
    if (!Number.isFinite(actual[i])) return Infinity;
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return difference === 0 ? 0 : difference / (scale ?? size);
}

/** Numbers from `-spread` to `spread`. */
export function draw(random: RandomState, length: number, spread = 1): Float32Array {
  return Float32Array.from({ length }, () => (2 * random.randomDouble() - 1) * spread);
}

/** A generator of its own for every case: the same numbers whichever cases there are besides. */
export function randomFor(name: string): RandomState {
  let seed = 0;
  for (const letter of name) seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) >>> 0;
  return new RandomState(seed);
}

/** Numbers are made when they are first asked for, and once. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
