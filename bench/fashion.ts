/** Pictures of ../shared that benchmarks score on. @module */

import { ImageDataset } from "../src/data/dataset.ts";
import { readIdx } from "../src/data/idx.ts";

/** The folder beside the project. */
export const SHARED: URL = new URL("../../shared/", import.meta.url);

/**
 * Fashion-MNIST pictures that are not in the lab's CSV.
 *
 * @param skip Leaves out the first ones, on which settings were chosen.
 */
export async function unseenFashion(
  lab: ImageDataset,
  rows: number,
  skip = 0,
): Promise<ImageDataset> {
  const read = async (name: string) =>
    await readIdx(await Deno.readFile(new URL(`data/fashion-mnist/${name}`, SHARED)));
  const images = await read("train-images-idx3-ubyte.gz");
  const labels = await read("train-labels-idx1-ubyte.gz");
  const key = (pixels: Uint8Array) => String.fromCharCode(...pixels);
  const known = await lab.images(Array.from({ length: lab.length }, (_, i) => i));
  const seen = new Set(known.map(({ data }) => key(data)));
  const pixels = images.data as Uint8Array;
  const chosen: number[] = [];
  for (let i = 0, left = skip; chosen.length < rows; i++) {
    if (!seen.has(key(pixels.subarray(i * 784, (i + 1) * 784))) && left-- <= 0) chosen.push(i);
  }
  const data = new Uint8Array(rows * 784);
  chosen.forEach((from, i) => data.set(pixels.subarray(from * 784, (from + 1) * 784), i * 784));
  return ImageDataset.fromPixels(data, {
    shape: [28, 28, 1],
    labels: chosen.map((i) => Number(labels.data[i])),
    classes: lab.classes,
    source: "unseen Fashion-MNIST",
  });
}
