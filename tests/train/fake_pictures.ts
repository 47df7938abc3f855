/** Pictures for the fake network, without a backend's tensors. @module */
import { RandomState } from "../../src/core/random.ts";
import type { PictureTensor } from "../../src/model/trunk.ts";
import type { BatchSource } from "../../src/train/batch_source.ts";

/** A source that counts. */
export interface FakePictures extends BatchSource {
  /** Batches that were made and not disposed of. */
  readonly open: () => number;
  /** Indices of every batch, in order, with the epoch that was asked for. */
  readonly asked: { readonly indices: number[]; readonly epoch: number }[];
}

/** Options of {@linkcode fakePictures}. */
export interface FakePicturesOptions {
  /** Number of pictures. */
  readonly length: number;
  /** Number of classes; picture i is of class i modulo it. */
  readonly classes: number;
  /** Side. @default 2 */
  readonly size?: number;
  /** Seed. @default 1 */
  readonly seed?: number;
}

/** Pictures whose mean colour tells their class, more or less. */
export function fakePictures(options: FakePicturesOptions): FakePictures {
  const { length, classes, size = 2, seed = 1 } = options;
  const labels = Int32Array.from({ length }, (_, i) => i % classes);
  const random = new RandomState(seed);
  const colours = Float32Array.from({ length: classes * 3 }, () => random.standardNormal());
  const values = size * size * 3;
  const pixels = Float32Array.from({ length: length * values }, (_, i) => {
    const label = labels[Math.floor(i / values)];
    return colours[label * 3 + i % 3] + random.standardNormal();
  });
  let open = 0;
  const asked: FakePictures["asked"] = [];
  return {
    length,
    labels,
    open: () => open,
    asked,
    batch(indices, epoch) {
      asked.push({ indices: [...indices], epoch });
      const data = new Float32Array(indices.length * values);
      indices.forEach((index, i) => {
        data.set(pixels.subarray(index * values, (index + 1) * values), i * values);
      });
      open++;
      const images = { shape: [indices.length, size, size, 3], dataSync: () => data };
      return {
        images: images as unknown as PictureTensor,
        [Symbol.dispose]() {
          open--;
        },
      };
    },
    identity: () => Promise.resolve(`fake ${length} ${classes} ${size} ${seed}`),
  };
}
