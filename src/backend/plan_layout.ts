/**
 * How a plan shares its work and where its values lie.
 *
 * @module
 */

import { arrange } from "./arena.ts";
import { type Op, opValues } from "./ops/op.ts";
import { type Binding, imageBytes, PANEL, PIXEL_BYTES, type Value } from "./ops/value.ts";

/** Consecutive ops that belong together, such as one block of the network. */
export type OpGroup = readonly Op[];

/** Ops that run without threads meeting in between. */
export interface Segment {
  /** In order. */
  readonly ops: readonly Op[];
  /** Images per chunk; 0 where work is not shared by images. */
  readonly images: number;
  /** Panels per chunk of a chain; absent where the single op shares its own axis. */
  readonly panels?: number;
}

/** Where a value lies. */
export interface Placement {
  /** In the arena of each thread, in the one that all share, or in a tensor of tfjs. */
  readonly place: "private" | "shared" | Binding;
  /** Bytes from the start of that place. */
  readonly offset: number;
  /** Bytes from one panel to the next. */
  readonly panelStride: number;
}

/** Places of all values and the sizes of the arenas. */
export interface Layout {
  /** By value. */
  readonly placements: ReadonlyMap<Value, Placement>;
  /** Bytes of one thread's arena. */
  readonly privateBytes: number;
  /** Bytes of the shared arena. */
  readonly sharedBytes: number;
}

/** Activations of one chunk should stay in a core's second-level cache beside the weights that pass through. */
const CHUNK_BYTES = 2 << 20;

/** Room at the start of every thread's arena for what an op needs within a panel (`_wasm/assembly/work.ts`). */
export const SCRATCH_BYTES = 12288;

/** A chain's panels should stay in the cache from one op to the next. */
const CHAIN_BYTES = 1 << 20;

/** More images per chunk save nothing: weights are then read once for this many images. */
const MAX_CHUNK = 256;

/** With fewer chunks than this per thread, threads wait for one another at the end. */
export const CHUNKS_PER_THREAD = 2;

/** Groups whose best chunk is alike become one segment. */
export function chunkSegments(
  groups: readonly OpGroup[],
  capacity: number,
  threads: number,
): Segment[] {
  const fair = threads === 1 ? capacity : Math.floor(capacity / (threads * CHUNKS_PER_THREAD));
  const segments: { ops: Op[]; images: number }[] = [];
  for (const group of groups) {
    const fitting = Math.min(MAX_CHUNK, fair, Math.floor(CHUNK_BYTES / busiestBytes(group)));
    const images = 2 ** Math.floor(Math.log2(Math.max(1, fitting)));
    const last = segments.at(-1);
    if (last?.images === images) last.ops.push(...group);
    else segments.push({ ops: [...group], images });
  }
  return segments;
}

/** Every op a segment of its own, whose rows, panels or planes are shared. */
export function opSegments(groups: readonly OpGroup[]): Segment[] {
  return groups.flat().map((op) => ({ ops: [op], images: 0 }));
}

/**
 * Chains of ops that can be shared by panels: a thread takes a few panels through all of them. A chain ends where an op
 * needs all panels of what the chain wrote, or writes what the chain reads whole; threads then meet.
 */
export function chainSegments(ops: readonly Op[], capacity: number, threads: number): Segment[] {
  const segments: Segment[] = [];
  let chain: Op[] = [];
  const close = () => {
    if (chain.length > 0) {
      segments.push({ ops: chain, images: 0, panels: panelsPerChunk(chain, capacity, threads) });
    }
    chain = [];
  };
  for (const op of ops) {
    if (!op.panels) {
      close();
      segments.push({ ops: [op], images: 0 });
      continue;
    }
    if (!joins(chain, op)) close();
    chain.push(op);
  }
  close();
  return segments;
}

function joins(chain: readonly Op[], { panels, ...op }: Op): boolean {
  if (chain.length === 0) return true;
  if (chain[0].panels!.count !== panels!.count) return false;
  const written = new Set(chain.flatMap(writes));
  const whole = new Set(chain.flatMap((earlier) => earlier.panels!.readsWhole));
  return !panels!.readsWhole.some((value) => written.has(value)) &&
    !writes(op).some((value) => whole.has(value));
}

function writes({ target, alsoWrites = [] }: Omit<Op, "panels">): Value[] {
  return target ? [target, ...alsoWrites] : [...alsoWrites];
}

/**
 * As many panels as stay in the cache together, but enough chunks that no thread waits long at the end. Where one panel
 * alone is too large for the cache, several at once at least read the GEMM's other side less often.
 */
function panelsPerChunk(chain: readonly Op[], capacity: number, threads: number): number {
  const { count } = chain[0].panels!;
  const whole = new Set(chain.flatMap((op) => op.panels!.readsWhole));
  const values = new Set(chain.flatMap(opValues).filter((value) => !whole.has(value)));
  const bytes = [...values].reduce((sum, value) => sum + panelStride(value, capacity), 0);
  const fair = Math.max(1, Math.floor(count / (threads * CHUNKS_PER_THREAD)));
  const fitting = Math.floor(CHAIN_BYTES / bytes);
  return Math.min(fair, fitting >= 1 ? fitting : 4);
}

/**
 * A value that stays within one segment lives in the thread's own arena, for the images or panels of one chunk; any
 * other in the shared one.
 *
 * @param kept Values that are to be read after a run: shared, and nothing takes their place.
 */
export function placeValues(
  segments: readonly Segment[],
  capacity: number,
  kept: readonly Value[] = [],
): Layout {
  const homes = new Map<Value, Set<Segment>>();
  for (const segment of segments) {
    for (const value of segment.ops.flatMap(opValues)) {
      homes.set(value, (homes.get(value) ?? new Set()).add(segment));
    }
  }
  const isPrivate = (value: Value) => {
    const [home, ...others] = homes.get(value)!;
    return !kept.includes(value) && (home.images > 0 || home.panels !== undefined) &&
      others.length === 0;
  };
  const placements = new Map<Value, Placement>();
  /** Arranges the values of `steps` that `belong`, for `images` images; returns the bytes they take. */
  const settle = (
    place: "private" | "shared",
    steps: readonly (readonly Value[])[],
    images: number,
    belongs: (value: Value) => boolean,
    panels?: number,
  ): number => {
    const lives = [...livesOf(steps, kept)]
      .filter(([value]) => value.kind === "panels" && belongs(value))
      .map(([value, life]) => ({ value, life, stride: panelStride(value, images) }));
    const { offsets, bytes } = arrange(
      lives.map(({ value, life, stride }) => ({
        ...life,
        bytes: stride * (panels ?? value.channels / PANEL),
      })),
    );
    lives.forEach(({ value, stride }, i) =>
      placements.set(value, {
        place,
        offset: offsets[i] + (place === "private" ? SCRATCH_BYTES : 0),
        panelStride: stride,
      })
    );
    return bytes;
  };

  const privateBytes = segments.map(({ ops, images, panels }) =>
    settle("private", ops.map(opValues), images || capacity, isPrivate, panels)
  );
  // A shared value's step is its segment: within one, threads are at different ops.
  const sharedBytes = settle(
    "shared",
    segments.map(({ ops }) => ops.flatMap(opValues)),
    capacity,
    (value) => !isPrivate(value),
  );
  for (const value of homes.keys()) {
    if (value.kind === "panels") continue;
    placements.set(value, { place: value.kind, offset: 0, panelStride: PIXEL_BYTES });
  }
  return { placements, privateBytes: SCRATCH_BYTES + Math.max(0, ...privateBytes), sharedBytes };
}

/** Most bytes of one image that are alive at once within a group. */
function busiestBytes(group: OpGroup): number {
  const lives = [...livesOf(group.map(opValues))].filter(([value]) => value.kind === "panels");
  const alive = group.map((_, step) =>
    lives
      .filter(([, { from, to }]) => from <= step && step <= to)
      .reduce((bytes, [value]) => bytes + imageBytes(value) * value.channels / PANEL, 0)
  );
  return Math.max(1, ...alive);
}

/** First and last step of each value; those that are kept live on to the last of all. */
function livesOf(
  steps: readonly (readonly Value[])[],
  kept: readonly Value[] = [],
): Map<Value, { from: number; to: number }> {
  const lives = new Map<Value, { from: number; to: number }>();
  steps.forEach((values, step) => {
    for (const value of values) {
      const life = lives.get(value);
      if (life) life.to = step;
      else lives.set(value, { from: step, to: step });
    }
  });
  for (const value of kept) if (lives.has(value)) lives.get(value)!.to = steps.length - 1;
  return lives;
}

/** Bytes from panel to panel: never near a multiple of 4 KB, where panels would fall on the same cache sets. */
function panelStride(value: Value, images: number): number {
  const bytes = imageBytes(value) * (value.fixed ? 1 : images);
  const inPage = bytes % 4096;
  return inPage < 128 || inPage > 4096 - 128 ? bytes + 256 : bytes;
}
