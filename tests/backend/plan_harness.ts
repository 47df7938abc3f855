/**
 * Runs ops as a plan of their own and looks at the memory around them: inputs are placed where the plan wants them,
 * everything else holds NaN, and whatever the ops write besides their results is an error.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createPlan } from "../../src/backend/plan.ts";
import {
  chainSegments,
  type OpGroup,
  opSegments,
  placeValues,
} from "../../src/backend/plan_layout.ts";
import { type Op, opValues } from "../../src/backend/ops/op.ts";
import { imageBytes, PANEL, panels, type Value } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import type { ParameterMemory } from "./parameter_memory.ts";
import {
  type Area,
  CANARY,
  changedWords,
  GUARD_WORDS,
  locate,
  type Located,
  readValue,
  snapshot,
  wordsOf,
  writeValue,
} from "./plan_memory.ts";
import type { Numbers } from "./reference.ts";

/** What goes into {@linkcode runOps}. */
export interface OpRun {
  /** Images of the run. */
  readonly images: number;
  /** Images that the plan holds. @default `images` */
  readonly capacity?: number;
  /** Numbers of every value that the ops read, `[images, height, width, value.channels]`. */
  readonly given: ReadonlyMap<Value, Numbers>;
  /** How threads share the work. @default "ops" */
  readonly share?: "ops" | "chains";
  /** Values that are looked at; others may lie in memory of a thread's own. @default all of them */
  readonly kept?: readonly Value[];
  /** Parameters that the ops reach by address. */
  readonly parameters?: ParameterMemory;
  /** Names of those that they may write. */
  readonly writes?: readonly string[];
}

/** What ops wrote, by value: `[images, height, width, value.channels]`. */
export type OpResult = ReadonlyMap<Value, Float32Array>;

// Words of a plan's header (`_wasm/assembly/work.ts`).
const PRIVATE_ARENA_WORD = 4;
const PRIVATE_BYTES_WORD = 5;
const SHARED_ARENA_WORD = 6;

/** Bytes of an op in its table. */
const OP_BYTES = 256;

/** Last in the shared arena, since nothing is smaller: notices what is written behind the others. */
const CANARIES: Value = { ...panels("canaries", PANEL, 1, 1), fixed: true };

/** Group of the plan that holds the ops; those beside it are never run. */
const OPS = 1;

/** Runs one op. See {@linkcode runOps}. */
export function runOp(runtime: WasmRuntime, op: Op, run: OpRun): OpResult {
  return runOps(runtime, [op], run);
}

/**
 * Runs `ops` on `images` images.
 *
 * @throws {assert.AssertionError} when they change a word that is not of their targets, of what they also write or of
 * the parameters named in `writes`, or leave something other than zeros in a border.
 */
export function runOps(runtime: WasmRuntime, ops: OpGroup, run: OpRun): OpResult {
  const { images, given, capacity = images, share = "ops", parameters, writes = [] } = run;
  const { kept = [...new Set(ops.flatMap(opValues))] } = run;
  // Groups in front and behind in which the kept values occur, so that they have room that all threads share and that
  // no other value takes.
  const keepers = [...kept, CANARIES].map(keeper);
  const groups: OpGroup[] = [keepers, ops, keepers];
  const { guarded, blocks } = guardedRuntime(runtime);
  const plan = createPlan(guarded, groups, { capacity, share });
  const base = Math.ceil((blocks[0].at + GUARD_WORDS * 4) / 64) * 64;
  const { placements, sharedBytes } = placeValues(
    groups.flatMap((group) =>
      share === "ops" ? opSegments([group]) : chainSegments(group, capacity, runtime.threads)
    ),
    capacity,
  );
  const header = wordsOf(runtime, { at: base, words: 8 });
  const sharedAt = header[SHARED_ARENA_WORD];
  const shared: Area = { at: sharedAt, words: sharedBytes / 4 };
  const arenas: Area = {
    at: header[PRIVATE_ARENA_WORD],
    words: header[PRIVATE_BYTES_WORD] / 4 * runtime.threads,
  };

  // The table of ops stands in front of the shared arena.
  const tableBytes = groups.flat().length * OP_BYTES;
  const table: Area = { at: sharedAt - tableBytes, words: tableBytes / 4 };

  const areas: Area[] = [shared, ...guardsOf(blocks[0])];
  const tensors = new Map<Value, number>();
  for (const value of placements.keys()) {
    if (value.kind === "panels") continue;
    const words = imageBytes(value) / 4 * capacity + 2 * GUARD_WORDS;
    const at = runtime.allocate(words * 4);
    areas.push({ at, words });
    tensors.set(value, at + GUARD_WORDS * 4);
  }
  const places = new Map<Value, Located>();
  for (const value of kept) {
    const placement = placements.get(value)!;
    assert.notEqual(placement.place, "private", `${value.name} is not kept`);
    const at = tensors.get(value) ?? sharedAt + placement.offset;
    places.set(value, locate(value, placement, at, images));
  }

  try {
    for (const area of [...areas, arenas]) wordsOf(runtime, area).fill(CANARY);
    for (const [value, numbers] of given) writeValue(runtime, places.get(value)!, numbers);
    areas.push(table, ...parameters?.areas ?? []);
    const before = snapshot(runtime, areas);
    const bound = Object.fromEntries([...tensors].map(([value, at]) => [value.kind, at]));
    plan.run(bound, images, OPS);

    const written = [...new Set(ops.flatMap(writtenBy))].filter((value) => places.has(value));
    const results = new Map(
      written.map((value) => [value, readValue(runtime, places.get(value)!)]),
    );
    // Values that are not looked at may lie in the shared arena nevertheless.
    const loose = [...placements].filter(([value, { place }]) =>
      place === "shared" && !places.has(value) && value !== CANARIES
    ).map(([value, place]) => locate(value, place, sharedAt + place.offset, images));
    const mine = [...written.map((value) => places.get(value)!), ...loose]
      .flatMap(({ words, border }) => [words, border]);
    const others = writes.map((name) => {
      const { at, words } = parameters!.area(name);
      return Uint32Array.from({ length: words }, (_, i) => at / 4 + i);
    });
    const changed = changedWords(runtime, areas, before, [...mine, ...others]);
    const what = [...written.map(({ name }) => name), ...writes].join(", ");
    assert.equal(changed, 0, `words changed beside ${what}`);
    return results;
  } finally {
    for (const at of tensors.values()) runtime.free(at - GUARD_WORDS * 4);
    plan.dispose();
  }
}

/** All values that an op writes. */
function writtenBy({ target, alsoWrites = [] }: Op): readonly Value[] {
  return target ? [target, ...alsoWrites] : alsoWrites;
}

/** An op that is never run. */
function keeper(value: Value): Op {
  return { kind: "silu", source: value, weight: 0, bias: 0, parameters: [], macs: 0 };
}

/** A runtime whose blocks have canaries on both sides. */
function guardedRuntime(runtime: WasmRuntime): { guarded: WasmRuntime; blocks: Area[] } {
  const blocks: Area[] = [];
  const guard = GUARD_WORDS * 4;
  const guarded: WasmRuntime = {
    ...runtime,
    allocate(bytes) {
      const block = { at: runtime.allocate(bytes + 2 * guard), words: bytes / 4 + 2 * GUARD_WORDS };
      blocks.push(block);
      return block.at + guard;
    },
    free: (address) => runtime.free(address - guard),
  };
  return { guarded, blocks };
}

/** The canaries of a block. */
function guardsOf({ at, words }: Area): Area[] {
  const last = at + (words - GUARD_WORDS) * 4;
  return [{ at, words: GUARD_WORDS }, { at: last, words: GUARD_WORDS }];
}
