/** Batches of a data set. @module */

import { checkOptions, type OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";
import type { ImageDataset } from "./dataset.ts";
import type { Image } from "./image.ts";

/** Options of {@linkcode DataLoader}. */
export interface DataLoaderOptions {
  /** Pictures in a batch. @default {100} the lab's */
  readonly batchSize?: number;
  /** Whether each walk takes the pictures in a new random order. @default {false} */
  readonly shuffle?: boolean;
  /** Seed of the orders: loaders of one seed give the same walks. @default {5} */
  readonly randomState?: number;
  /** Whether a last batch that is not full is left out. @default {false} */
  readonly dropLast?: boolean;
}

/** Of {@linkcode DataLoaderOptions}. */
const KINDS: OptionKinds<DataLoaderOptions> = {
  batchSize: "number",
  shuffle: "boolean",
  randomState: "number",
  dropLast: "boolean",
};

/** Some pictures of a data set. */
export interface Batch {
  /** The pictures. */
  readonly images: readonly Image[];
  /** Their classes; -1 = unknown. */
  readonly labels: Int32Array;
  /** Their places in the data set. */
  readonly indices: Int32Array;
}

/**
 * Walks through a data set in batches; each `for await … of` is one epoch.
 *
 * @example
 * ```ts
 * import { DataLoader } from "./data_loader.ts";
 * import { ImageDataset } from "./dataset.ts";
 * const data = ImageDataset.fromPixels(new Uint8Array(5), { shape: [1, 1, 1] });
 * const sizes: number[] = [];
 * for await (const { images } of new DataLoader(data, { batchSize: 2 })) sizes.push(images.length);
 * if (sizes.join() !== "2,2,1") throw new Error(sizes.join());
 * ```
 */
export class DataLoader implements AsyncIterable<Batch> {
  /** What it walks through. */
  readonly dataset: ImageDataset;
  /** Pictures in a batch. */
  readonly batchSize: number;
  readonly #shuffle: boolean;
  readonly #dropLast: boolean;
  readonly #random: RandomState;

  /**
   * Prepares to walk through a data set.
   *
   * @throws {UserError} When the batch size is no whole number above 0.
   */
  constructor(dataset: ImageDataset, options: DataLoaderOptions = {}) {
    checkOptions(options, KINDS, { action: "make batches", method: "DataLoader" });
    const {
      batchSize = 100,
      shuffle = false,
      randomState = DEFAULT_RANDOM_STATE,
      dropLast = false,
    } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new UserError(
        `Cannot make batches: the batch size is ${batchSize}, expected a whole number above 0`,
      );
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#shuffle = shuffle;
    this.#dropLast = dropLast;
    this.#random = new RandomState(randomState);
  }

  /** Number of batches of a walk. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.#dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** One walk through the data set. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const n = this.dataset.length;
    const order = this.#shuffle
      ? this.#random.permutation(n)
      : Int32Array.from({ length: n }, (_, i) => i);
    for (let batch = 0; batch < this.length; batch++) {
      const indices = order.slice(batch * this.batchSize, (batch + 1) * this.batchSize);
      yield {
        images: await this.dataset.images(indices),
        labels: indices.map((index) => this.dataset.labels[index]),
        indices,
      };
    }
  }
}
