/**
 * Runs a single op as a plan of its own and looks at the memory around it: inputs are placed where the plan
 * wants them, everything else holds NaN, and whatever the op writes besides its results is an error.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createPlan } from "../../src/backend/plan.ts";
import { opSegments, type Placement, placeValues } from "../../src/backend/plan_layout.ts";
import type { Op } from "../../src/backend/ops/op.ts";
import { imageBytes, PANEL, PIXEL_BYTES, type Value } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import type { Numbers } from "./reference.ts";

/** What goes into {@linkcode runOp}. */
export interface OpRun {
  /** Images of the run. */
  readonly images: number;
  /** Images that the plan holds. @default `images` */
  readonly capacity?: number;
  /** Numbers of every value that the op reads, `[images, height, width, value.channels]`. */
  readonly given: ReadonlyMap<Value, Numbers>;
}

/** What an op wrote, by value: `[images, height, width, value.channels]`. */
export type OpResult = ReadonlyMap<Value, Float32Array>;

/** NaN words on both sides of a tensor, to notice what is read or written beside it. */
const GUARD_WORDS = 32;

/** Word of a plan's header that holds the address of its shared arena (`_wasm/assembly/plan.ts`). */
const SHARED_ARENA_WORD = 6;

/** A quiet NaN whose bits no kernel makes. */
const CANARY = 0x7fc0beef;

/**
 * Runs `op` on `images` images.
 *
 * @throws {assert.AssertionError} when it changes a word that is not of its target (or of the extra it
 * writes), or leaves something other than zeros in a border.
 */
export function runOp(runtime: WasmRuntime, op: Op, run: OpRun): OpResult {
  const { images, given, capacity = images } = run;
  let block = 0;
  const spy: WasmRuntime = {
    ...runtime,
    allocate: (bytes) => block = runtime.allocate(bytes),
  };
  const plan = createPlan(spy, [[op]], { capacity, share: "ops" });
  const base = Math.ceil(block / 64) * 64;
  const { placements, sharedBytes } = placeValues(opSegments([[op]]), capacity);
  const sharedAt = new Uint32Array(runtime.memory.buffer)[base / 4 + SHARED_ARENA_WORD];

  const areas: Area[] = [{ at: sharedAt, words: sharedBytes / 4 }];
  const tensors = new Map<Value, number>();
  for (const value of placements.keys()) {
    if (value.kind === "panels") continue;
    const words = imageBytes(value) / 4 * capacity + 2 * GUARD_WORDS;
    const at = runtime.allocate(words * 4);
    areas.push({ at, words });
    tensors.set(value, at + GUARD_WORDS * 4);
  }
  /** Address of the first number of every value, with the strides that the plan gave it. */
  const located = (value: Value): Located => {
    const placement = placements.get(value)!;
    return { value, placement, at: tensors.get(value) ?? sharedAt + placement.offset };
  };

  try {
    for (const { at, words } of areas) memory(runtime, at, words).fill(CANARY);
    for (const [value, numbers] of given) write(runtime, located(value), numbers, images);
    const before = areas.map(({ at, words }) => memory(runtime, at, words).slice());
    const address = (kind: "input" | "output") =>
      [...tensors].find(([value]) => value.kind === kind)?.[1] ?? 0;
    plan.run({ input: address("input"), output: address("output") }, images);

    const written = [...(op.target ? [op.target] : []), ...(op.alsoWrites ?? [])].map(located);
    checkUntouched(runtime, areas, before, written, images);
    return new Map(written.map((one) => [one.value, read(runtime, one, images)]));
  } finally {
    for (const at of tensors.values()) runtime.free(at - GUARD_WORDS * 4);
    plan.dispose();
  }
}

/** Memory that belongs to one run. */
interface Area {
  readonly at: number;
  readonly words: number;
}

interface Located {
  readonly value: Value;
  readonly placement: Placement;
  readonly at: number;
}

function memory(runtime: WasmRuntime, at: number, words: number): Uint32Array {
  return new Uint32Array(runtime.memory.buffer, at, words);
}

function floats(runtime: WasmRuntime): Float32Array {
  return new Float32Array(runtime.memory.buffer);
}

/** Word of one number; rows and columns count from the first pixel inside of the border. */
function wordOf(
  { value, placement, at }: Located,
  image: number,
  row: number,
  column: number,
  channel: number,
): number {
  if (value.kind !== "panels") {
    const pixel = (image * value.height + row) * value.width + column;
    return at / 4 + pixel * value.channels + channel;
  }
  const { border } = value;
  const pixel = border
    ? (row + border.top) * border.columns + column + border.left
    : row * value.width + column;
  const panel = Math.floor(channel / PANEL) * placement.panelStride;
  const bytes = panel + image * imageBytes(value) + pixel * PIXEL_BYTES;
  return (at + bytes) / 4 + channel % PANEL;
}

/** Calls `visit` with the word of every number in the order of `[images, height, width, channels]`. */
function eachWord(
  located: Located,
  images: number,
  visit: (word: number, place: number) => void,
): void {
  const { height, width, channels } = located.value;
  let place = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let c = 0; c < channels; c++) {
          visit(wordOf(located, image, row, column, c), place++);
        }
      }
    }
  }
}

/** The words of a value's border. */
function borderWords(located: Located, images: number): number[] {
  const { border, height, width, channels } = located.value;
  if (!border) return [];
  const words: number[] = [];
  for (let image = 0; image < images; image++) {
    for (let row = -border.top; row < border.rows - border.top; row++) {
      for (let column = -border.left; column < border.columns - border.left; column++) {
        if (row >= 0 && row < height && column >= 0 && column < width) continue;
        for (let c = 0; c < channels; c++) words.push(wordOf(located, image, row, column, c));
      }
    }
  }
  return words;
}

function write(runtime: WasmRuntime, located: Located, numbers: Numbers, images: number): void {
  const { height, width, channels, name } = located.value;
  assert.equal(numbers.length, images * height * width * channels, `numbers of ${name}`);
  const words = floats(runtime);
  for (const word of borderWords(located, images)) words[word] = 0;
  eachWord(located, images, (word, place) => words[word] = numbers[place]);
}

function read(runtime: WasmRuntime, located: Located, images: number): Float32Array {
  const { height, width, channels, name } = located.value;
  const words = floats(runtime);
  const stained = borderWords(located, images).filter((word) => words[word] !== 0);
  assert.equal(stained.length, 0, `${name}: numbers of its border that are not 0`);
  const result = new Float32Array(images * height * width * channels);
  eachWord(located, images, (word, place) => result[place] = words[word]);
  return result;
}

function checkUntouched(
  runtime: WasmRuntime,
  areas: readonly Area[],
  before: readonly Uint32Array[],
  written: readonly Located[],
  images: number,
): void {
  const mine = new Set<number>();
  for (const located of written) {
    eachWord(located, images, (word) => mine.add(word));
    for (const word of borderWords(located, images)) mine.add(word);
  }
  areas.forEach(({ at, words }, i) => {
    const now = memory(runtime, at, words);
    let changed = 0;
    for (let word = 0; word < words; word++) {
      if (now[word] !== before[i][word] && !mine.has(at / 4 + word)) changed++;
    }
    assert.equal(changed, 0, `words changed beside ${written.map((one) => one.value.name)}`);
  });
}
