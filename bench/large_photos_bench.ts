/**
 * Large JPEG files: what decoding them to a part of their size gains, and by how much the network's input and its features then differ.
 *
 *     /usr/bin/python3 bench/make_photos.py /tmp/photos_3000 20 3000x2250
 *     deno run -A bench/large_photos_bench.ts ../shared/weights/NAME.safetensors 224 /tmp/photos_3000 [rounds, default 5]
 *
 * @module
 */
import { startBackend } from "../src/backend/mod.ts";
import { IMAGENET_PREPROCESSING } from "../src/core/preprocessing.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { decodeImage } from "../src/data/decode.ts";
import { enoughFor } from "../src/data/preprocess.ts";
import { resize } from "../src/data/resize.ts";
import { createTrunk } from "../src/model/trunk.ts";
import { extractFeatures } from "../src/train/features.ts";
import { loadWeights } from "../src/weights/load.ts";
import { median } from "./interleave.ts";
import { describeMachine } from "./machine.ts";

const [weights, side, folder, rounds = "5"] = Deno.args;
if (folder === undefined) {
  console.error("usage: large_photos_bench.ts WEIGHTS SIZE FOLDER [ROUNDS]");
  Deno.exit(2);
}
const size = Number(side);
const recipe = { size, preprocessing: IMAGENET_PREPROCESSING };
const to = { height: size, width: size };
const data = await ImageDataset.open(folder);
const rows = Array.from({ length: data.length }, (_, i) => i);
const files = await Promise.all(rows.map(async (row) => (await data.bytes(row))!));
const loaded = await loadWeights(weights);
console.log(`${await describeMachine()}; Deno ${Deno.version.deno}; ${loaded.source}`);

const ways = { whole: undefined, part: enoughFor(recipe) };
const times: Record<string, number[]> = {};
const sizes: Record<string, string> = {};
const made: Record<string, ImageDataset> = {};
let [sum, most, values] = [0, 0, 0];
for (let round = 0; round <= Number(rounds); round++) {
  const spent: Record<string, [decoding: number, resizing: number]> = {};
  for (const [way, atLeast] of Object.entries(ways)) {
    const images = [];
    spent[way] = [0, 0];
    for (const file of files) {
      const start = performance.now();
      const image = await decodeImage(file, { atLeast });
      const decoded = performance.now();
      images.push(resize(image, to));
      spent[way][0] += decoded - start;
      spent[way][1] += performance.now() - decoded;
      sizes[way] = `${image.width} x ${image.height}`;
    }
    made[way] ??= ImageDataset.fromImages(images);
  }
  if (round === 0) continue; // warms up
  for (const [way, [decoding, resizing]] of Object.entries(spent)) {
    (times[`${way}: decode`] ??= []).push(decoding / files.length);
    (times[`${way}: resize`] ??= []).push(resizing / files.length);
  }
}
for (const row of rows) {
  const [whole, part] = [await made.whole.image(row), await made.part.image(row)];
  whole.data.forEach((value, i) => {
    const difference = Math.abs(value - part.data[i]);
    sum += difference;
    most = Math.max(most, difference);
  });
  values += whole.data.length;
}
for (const [name, all] of Object.entries(times)) {
  console.log(`${name.padEnd(16)} ${median(all).toFixed(1)} ms per picture`);
}
console.log(`decoded to ${sizes.whole} and to ${sizes.part}`);
console.log(`at ${size} px: mean difference ${(sum / values).toFixed(3)} of 255, largest ${most}`);

await startBackend();
using trunk = createTrunk(loaded);
const [whole, part] = await Promise.all(
  [made.whole, made.part].map((set) => extractFeatures(trunk, set, { ...recipe, stages: [8] })),
);
const cosine = (a: Float32Array, b: Float32Array) => {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => [ab, aa, bb] = [ab + value * b[i], aa + value * value, bb + b[i] * b[i]]);
  return 1 - ab / Math.sqrt(aa * bb);
};
const rowOf = ({ data, columns }: typeof whole, row: number) =>
  data.subarray(row * columns, (row + 1) * columns);
const own = rows.map((row) => cosine(rowOf(whole, row), rowOf(part, row)));
const others = rows.flatMap((row) =>
  rows.filter((other) => other !== row).map((other) =>
    cosine(rowOf(whole, row), rowOf(whole, other))
  )
);
console.log(
  `cosine distance of features: largest ${
    Math.max(...own).toExponential(1)
  }; nearest other picture ${Math.min(...others).toExponential(1)}`,
);
