/** Where the chance of a view comes from. @module */
import { RandomState } from "../core/random.ts";

/** Which view of which picture. */
export interface ViewPlace {
  /** Epoch, or number of the view, from 1. */
  readonly view: number;
  /** Place of the picture in its data set. */
  readonly index: number;
}

/**
 * The random numbers of one view of one picture.
 *
 * @param seed Whole number from 0 to 2^32 - 1.
 */
export function viewState(seed: number, place: ViewPlace): RandomState {
  return new RandomState(viewSeed(seed, place));
}

/**
 * The seed of the random numbers of one view of one picture: they depend on nothing else, above all not on the batch that the picture is in.
 *
 * Seed, view and picture are mixed one after the other, the seed first: put together unmixed, seeds 5 and 6 would share views.
 *
 * @param seed Whole number from 0 to 2^32 - 1.
 */
export function viewSeed(seed: number, { view, index }: ViewPlace): number {
  return mixed(mixed(mixed(seed) ^ view) ^ index) >>> 0;
}

/** The steps of MurmurHash3 (Appleby 2011, `fmix32`). */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
