/** Trunks while one takes the place of another. @module */

import { createTrunk, type Trunk } from "../model/trunk.ts";
import type { LoadedWeights } from "../weights/load.ts";

/** Makes trunks beside the one that is used, and frees all but the one that is to be used from then on: unless told otherwise, that. */
export class TrunkSwap implements Disposable {
  readonly #trunks: Trunk[];
  #kept: Trunk;

  /** `current` is the one that is used. */
  constructor(current: Trunk) {
    this.#trunks = [current];
    this.#kept = current;
  }

  /** A trunk of these very weights, made where there is none yet. */
  of(weights: LoadedWeights): Trunk {
    const known = this.#trunks.find((trunk) => trunk.weights === weights);
    if (known !== undefined) return known;
    const made = createTrunk(weights);
    this.#trunks.push(made);
    return made;
  }

  /** The one that is to be used from now on. */
  keep(trunk: Trunk): Trunk {
    return this.#kept = trunk;
  }

  /** Frees the others. */
  [Symbol.dispose](): void {
    for (const trunk of this.#trunks) if (trunk !== this.#kept) trunk[Symbol.dispose]();
  }
}
