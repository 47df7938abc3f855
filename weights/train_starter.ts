/**
 * Trains `starter`, the trunk that ships inside graft, from nothing: pictures made by `starter/` and, where it is given, Fashion-MNIST
 * without the rows of the lab's CSV. No weights and no pictures of anybody else go into it.
 *
 *     deno run -A weights/train_starter.ts --lab ../shared/data/fashion_mnist_train.csv \
 *       --run /tmp/starter --out /tmp/starter.safetensors
 *
 * - `--lab CSV`: also learns from Fashion-MNIST, of ../shared, without the rows of this CSV
 * - `--run FOLDER`: keeps the run after each epoch; called again, it goes on from there
 * - `--epochs N` (60), `--per-kind N` (32), `--per-class N` (200), `--batch-size N` (64), `--side N` (64), `--lr RATE` (0.002)
 * - `--out PATH`: where the trunk goes, float32, under torchvision's names
 *
 * @module
 */
import { parseArgs } from "node:util";
import { unseenFashion } from "../bench/fashion.ts";
import { startBackend } from "../src/backend/mod.ts";
import type { HostTensor } from "../src/core/host_tensor.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { createNetwork } from "../src/model/create_network.ts";
import type { Network } from "../src/model/network.ts";
import { randomWeights } from "../src/model/random_weights.ts";
import { checkpointFolder } from "../src/store/checkpoint.ts";
import { fitNetwork } from "../src/train/fit.ts";
import { writeSafetensors } from "../src/weights/safetensors.ts";
import { allKinds } from "./starter/kinds.ts";
import { type RealPictures, starterSource } from "./starter/starter_source.ts";

const { values: options } = parseArgs({
  options: {
    lab: { type: "string" },
    run: { type: "string" },
    out: { type: "string" },
    epochs: { type: "string", default: "60" },
    "per-kind": { type: "string", default: "32" },
    "per-class": { type: "string", default: "200" },
    "batch-size": { type: "string", default: "64" },
    side: { type: "string", default: "64" },
    lr: { type: "string", default: "0.002" },
  },
});
const { run, out, lab } = options;
if (run === undefined || out === undefined) {
  console.error("usage: train_starter.ts --run FOLDER --out PATH [--lab CSV]");
  Deno.exit(2);
}

/** Stages that the classifier sees: those whose features heads use, so that each of them has to tell kinds apart. */
const STAGES = [3, 4, 5, 6, 8];
const SEED = 7;
/** Fashion-MNIST's 60,000 training pictures without the lab's 1,000 and without the 13,000 that `bench/` scores on. */
const FASHION = { skip: 13_000, rows: 46_000 };

const side = Number(options.side);
const kinds = allKinds();
const pictures = lab === undefined ? undefined : await fashionWithout(lab);
const source = starterSource(kinds, {
  side,
  perKind: Number(options["per-kind"]),
  real: pictures && { pictures, perClass: Number(options["per-class"]) },
  seed: SEED,
});
await startBackend();
using network = createNetwork(await randomWeights(SEED), {
  classes: kinds.length + (pictures?.classes.length ?? 0),
  imageSize: side,
  batchSize: Number(options["batch-size"]),
  stages: STAGES,
  dropout: 0.2,
  stochasticDepth: 0.05,
});
const started = performance.now();
const { history } = await fitNetwork(network, source, {
  epochs: Number(options.epochs),
  learningRate: Number(options.lr),
  schedule: { kind: "cosine", warmup: 0.05, end: 0.01 },
  weightDecay: 0.05,
  labelSmoothing: 0.1,
  maxNorm: 1,
  averageDecay: 0.998,
  dropLast: true,
  randomState: SEED,
  checkpoint: { store: checkpointFolder(run), resume: true },
  onEpoch: ({ epoch, loss, accuracy, seconds }) =>
    console.log(
      `epoch ${epoch}: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}, ${
        seconds.toFixed(0)
      } s; ${((performance.now() - started) / 60_000).toFixed(1)} min since the start`,
    ),
});
const { run: _run, out: _out, lab: _lab, ...settings } = options;
const recipe = { ...settings, kinds: kinds.length, fashion: pictures?.labels.length ?? 0 };
const metadata = { format: "pt", starter: JSON.stringify(recipe) };
await Deno.writeFile(out, writeSafetensors({ tensors: trunkOf(network), metadata }));
console.log(`${out}: ${history.length} epochs of ${source.length} pictures, ${kinds.length} kinds`);

/** Fashion-MNIST's training pictures without those of the lab's CSV, which are told by their pixels, and the first others. */
async function fashionWithout(csv: string): Promise<RealPictures> {
  const data = await unseenFashion(await ImageDataset.open(csv), FASHION.rows, FASHION.skip);
  const images = await data.images(Array.from({ length: data.length }, (_, i) => i));
  const { height: side } = data.size(0);
  const pixels = new Uint8Array(data.length * side * side);
  images.forEach((image, i) => pixels.set(image.data, i * side * side));
  return {
    pixels,
    side,
    labels: Uint8Array.from(data.labels),
    classes: data.classes.map((name) => `Fashion-MNIST ${name}`),
  };
}

function trunkOf(network: Network): Map<string, HostTensor> {
  return new Map(
    network.entries.filter(({ part }) => part !== "classifier").map(({ name, shape }) => [
      name,
      { dtype: "float32", shape: [...shape], data: network.read(name) },
    ]),
  );
}
