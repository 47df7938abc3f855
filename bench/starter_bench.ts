/**
 * What is the starter good for? The probe on its features, beside those of a random trunk, raw pixels and real ImageNet weights.
 *
 * Run: `deno run -A bench/starter_bench.ts [--only lab,cats,sample] [--weights real.safetensors] [--trained starter.safetensors]`;
 * `--trained` adds the starter before it was rounded to 8 bits.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import { crossValidate } from "../src/classifier/cross_validate.ts";
import type { WeightsSource } from "../src/classifier/resolve_weights.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import type { Image } from "../src/data/image.ts";
import { resize } from "../src/data/resize.ts";
import { drawSample } from "../src/data/sample.ts";
import { trainTestSplit } from "../src/data/split.ts";
import { parseArgs } from "../src/deps.ts";
import type { FeatureMatrix } from "../src/model/heads.ts";
import type { Variant } from "../src/weights/variants.ts";
import { SHARED, unseenFashion } from "./fashion.ts";
import { table } from "./report.ts";

const flags = parseArgs(Deno.args, {
  string: ["only", "weights", "trained"],
  default: { only: "lab,few,cats,sample" },
});

/** A data set: one part to learn from and one to be asked about, or all of it for repeated cross-validation. */
interface Trial {
  readonly name: string;
  readonly train: ImageDataset;
  readonly test?: ImageDataset;
}

const lab = () => ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
const TRIALS: Readonly<Record<string, () => Promise<Trial>>> = {
  async lab() {
    const data = await lab();
    const { train } = trainTestSplit(data.length, { testSize: 0.1, randomState: 5 });
    const test = await unseenFashion(data, 10_000, 3000); // the starter has not seen these either
    return { name: "lab CSV, 900 rows, 10,000 unseen", train: data.subset(train), test };
  },
  async few() {
    const data = await lab();
    const { train } = data.split({ testSize: 0.9, randomState: 5, stratify: true });
    const test = await unseenFashion(data, 10_000, 3000);
    return { name: "lab CSV, 100 rows, 10,000 unseen", train, test };
  },
  async cats() {
    const train = await ImageDataset.open(new URL("data/cats_dogs.zip", SHARED));
    return { name: `cats_dogs.zip, ${train.length} pictures, 5 folds, 5 rounds`, train };
  },
  sample() {
    const drawn = drawSample({ rows: 2900, randomState: 5 });
    const rows = Int32Array.from({ length: drawn.length }, (_, i) => i);
    const [train, test] = [drawn.subset(rows.subarray(0, 900)), drawn.subset(rows.subarray(900))];
    return Promise.resolve({ name: "graft sample, 900 rows, 2,000 unseen", train, test });
  },
};

/** What the features come from. */
interface Source {
  readonly name: string;
  readonly weights: WeightsSource;
  readonly variant?: Variant;
  /** Features other than the trunk's. */
  readonly features?: (data: ImageDataset) => Promise<FeatureMatrix>;
}

const SOURCES: readonly Source[] = [
  { name: "raw pixels", weights: "random", features: rawPixels },
  { name: "random trunk", weights: "random" },
  { name: "starter", weights: "starter" },
  ...flags.trained === undefined ? [] : [{
    name: "starter in 32 bits",
    weights: String(flags.trained),
    variant: "torchvision" as const,
  }],
  {
    name: "real ImageNet weights",
    weights: (flags.weights as string | undefined) ??
      new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
    variant: "google",
  },
];

/** Pixels as features; of photographs, which have sizes of their own, those of 32 x 32 in colour. */
async function rawPixels(data: ImageDataset): Promise<FeatureMatrix> {
  const rows: Float32Array[] = [];
  for (let i = 0; i < data.length; i++) rows.push(pixelsOf(await data.image(i)));
  const columns = rows[0].length;
  const all = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => all.set(row, i * columns));
  return { data: all, rows: rows.length, columns };
}

function pixelsOf(image: Image): Float32Array {
  const small = image.height === 28 ? image : resize(image, { height: 32, width: 32 });
  return Float32Array.from(small.data, (value) => value / 255);
}

async function accuracy({ train, test }: Trial, source: Source): Promise<string> {
  using model = await createClassifier(source);
  const featuresOf = source.features ?? ((data: ImageDataset) => model.features(data));
  const features = await featuresOf(train);
  if (test === undefined) {
    const { mean, low, high } = await crossValidate(model, train, { features, repeats: 5 });
    return interval(mean, low, high);
  }
  await model.fit(train, { features });
  const { value, low, high } =
    (await model.evaluate(test, { features: await featuresOf(test) })).accuracy;
  return interval(value, low, high);
}

function interval(value: number, low: number, high: number): string {
  return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

const rows: string[][] = [];
for (const name of String(flags.only).split(",")) {
  const trial = await TRIALS[name]();
  const cells: string[] = [];
  for (const source of SOURCES) {
    cells.push(await accuracy(trial, source));
    console.error(`${trial.name}: ${source.name} ${cells.at(-1)}`);
  }
  rows.push([trial.name, ...cells]);
}
console.log(table(["data", ...SOURCES.map(({ name }) => name)], rows));
