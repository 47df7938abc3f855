/** The pictures that the starter learns from, made when they are asked for. @module */

import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import type { RandomState } from "../../src/core/random.ts";
import { attachTfjs } from "../../src/backend/start.ts";
import type { BatchSource } from "../../src/train/batch_source.ts";
import { viewState } from "../../src/train/view_state.ts";
import { enlarge } from "./enlarge.ts";
import type { Dice, Kind } from "./kind.ts";
import { paint } from "./paint.ts";

/** Real pictures beside the made ones: grey, all of one size. */
export interface RealPictures {
  /** `[pictures, side, side]`. */
  readonly pixels: Uint8Array;
  /** Their side, in pixels. */
  readonly side: number;
  /** Class of each. */
  readonly labels: Uint8Array;
  /** Names of the classes, which become kinds after the made ones. */
  readonly classes: readonly string[];
}

/** Options of {@linkcode starterSource}. */
export interface StarterOptions {
  /** Side of the pictures, in pixels. */
  readonly side: number;
  /** Pictures of each made kind in an epoch. */
  readonly perKind: number;
  /** Real pictures, and how many of each class an epoch has. */
  readonly real?: { readonly pictures: RealPictures; readonly perClass: number };
  /** Seed of everything that is drawn. */
  readonly seed: number;
}

/** Share of the real pictures that stay grey on black, as users' CSVs have them. */
const REAL_PLAIN = 0.7;
/** How far real pictures are moved, in shares of the side. */
const REAL_SHIFT = 0.08;

/** Another picture in each epoch for each place: no made picture is ever seen twice. */
export function starterSource(kinds: readonly Kind[], options: StarterOptions): BatchSource {
  const { side, perKind, real, seed } = options;
  const made = kinds.length * perKind;
  const extra = real ? real.pictures.classes.length * real.perClass : 0;
  const labels = Int32Array.from(
    { length: made + extra },
    (_, i) =>
      i < made ? i % kinds.length : kinds.length + (i - made) % real!.pictures.classes.length,
  );
  const rows = real && rowsByClass(real.pictures);
  const values = side * side * 3;
  const draw = (index: number, epoch: number, out: Float32Array) => {
    const random = viewState(seed, { view: epoch, index });
    const dice = diceOf(random);
    const label = labels[index];
    if (label < kinds.length) {
      paint(kinds[label].draw(dice, side), side, out, dice);
    } else {
      const of = rows![label - kinds.length];
      const drawn = showReal(real!.pictures, of[random.interval(of.length - 1)], side, dice);
      paint(drawn, side, out, dice, REAL_PLAIN);
    }
    normalise(out);
  };
  return {
    length: labels.length,
    labels,
    async batch(indices, epoch) {
      const pixels = new Float32Array(indices.length * values);
      indices.forEach((index, i) =>
        draw(index, epoch, pixels.subarray(i * values, (i + 1) * values))
      );
      const tf = await attachTfjs();
      const images = tf.tensor4d(pixels, [indices.length, side, side, 3]);
      return { images, [Symbol.dispose]: () => images.dispose() };
    },
    identity: () => {
      const names = kinds.map(({ name }) => name).join("; ");
      const others = real
        ? `${real.perClass} of each of ${real.pictures.labels.length} real ones`
        : "none";
      return Promise.resolve(
        `${perKind} of each of: ${names}; ${others}; ${side} px, seed ${seed}`,
      );
    },
  };
}

function diceOf(random: RandomState): Dice {
  return {
    between: (low, high) => low + (high - low) * random.randomDouble(),
    chance: (share) => random.randomDouble() < share,
  };
}

function rowsByClass({ labels, classes }: RealPictures): number[][] {
  const rows = classes.map((): number[] => []);
  labels.forEach((label, row) => rows[label].push(row));
  return rows;
}

/** A real picture as a drawing: scaled up, shifted a little, half of the time mirrored. */
function showReal(
  { pixels, side: from }: RealPictures,
  row: number,
  side: number,
  dice: Dice,
): Float64Array {
  const large = enlarge(pixels.subarray(row * from * from, (row + 1) * from * from), from, side);
  const mirrored = dice.chance(0.5);
  const [right, down] = [0, 1].map(() => Math.round(dice.between(-REAL_SHIFT, REAL_SHIFT) * side));
  const out = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    const v = y - down;
    if (v < 0 || v >= side) continue;
    for (let x = 0; x < side; x++) {
      const u = (mirrored ? side - 1 - x : x) - right;
      if (u >= 0 && u < side) out[y * side + x] = large[v * side + u] / 255;
    }
  }
  return out;
}

/** From 0..1 to what the network is given: the checkpoint says so, and users' pictures are prepared alike. */
function normalise(pixels: Float32Array): void {
  const { mean, std } = IMAGENET_PREPROCESSING;
  for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i] - mean[i % 3]) / std[i % 3];
}
