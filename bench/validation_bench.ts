/**
 * What does giving up rows for validation cost, and what does stopping early gain? Fine-tuning on the lab's 900 rows with each of these
 * settings, scored on its 100 test rows and on rows of Fashion-MNIST that it has not seen: the weights that are kept, and beside them
 * those of the last epoch.
 *
 * Run: `nice -n 5 deno run -A bench/validation_bench.ts [--unseen 10000] [--skip 3000] [--curve] '{"method":"lpft"}' …`; the settings are
 * options of `fit`.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import { FINE_TUNE_DEFAULTS } from "../src/classifier/fine_tune_options.ts";
import type { FitOptions } from "../src/classifier/options.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { trainTestSplit } from "../src/data/split.ts";
import { parseArgs } from "../src/deps.ts";
import { evaluatePredictions } from "../src/evaluate/metrics.ts";
import { type Head, predictProbabilities } from "../src/model/heads.ts";
import { transposed } from "../src/core/transposed.ts";
import { createTrunk } from "../src/model/trunk.ts";
import { extractFeatures } from "../src/train/features.ts";
import type { CheckpointStore, TrainingState } from "../src/train/training_state.ts";
import type { LoadedWeights } from "../src/weights/load.ts";
import { SHARED, unseenFashion } from "./fashion.ts";

const flags = parseArgs(Deno.args, {
  string: ["unseen", "skip", "weights"],
  boolean: ["curve"],
  default: { unseen: "10000", skip: "3000" },
});
const settings = flags._.length > 0 ? flags._.map(String) : ['{"method":"lpft"}'];
const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
const unseen = await unseenFashion(lab, Number(flags.unseen), Number(flags.skip));
const rows = trainTestSplit(lab.length, { testSize: 0.1, randomState: 5 });
const [train, test] = [lab.subset(rows.train), lab.subset(rows.test)];
using model = await createClassifier({
  weights: (flags.weights as string | undefined) ??
    new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
  variant: "google",
});
const features = await model.features(train);

/** Keeps the last state only. */
function lastState(): CheckpointStore & { state?: TrainingState } {
  const store: CheckpointStore & { state?: TrainingState } = {
    name: "memory",
    occupied: () => Promise.resolve(false),
    load: () => Promise.resolve(undefined),
    save: (state) => {
      store.state = state;
      return Promise.resolve();
    },
  };
  return store;
}

/** Accuracy with the weights of the last epoch, brought as far from the checkpoint's as those that are kept. */
async function lastEpoch(
  { tensors }: TrainingState,
  { start, data }: { readonly start: Head | undefined; readonly data: ImageDataset },
): Promise<number> {
  const { keepShare } = FINE_TUNE_DEFAULTS;
  const mixed = (name: string, from: ArrayLike<number>) =>
    (tensors.get(name)!.data as Float32Array).map((value, i) =>
      from[i] + keepShare * (value - from[i])
    );
  const trunkTensors = new Map(
    [...model.checkpoint.tensors].map(([name, tensor]) => [
      name,
      tensors.has(name)
        ? { ...tensor, dtype: "float32" as const, data: mixed(name, tensor.data as Float32Array) }
        : tensor,
    ]),
  );
  const { columns, mean, scale } = model.head!;
  const classes = train.classes.length;
  const zeros = new Float32Array(columns * classes);
  const weight = start ? transposed(start.weight, columns, classes) : zeros;
  const head: Head = {
    ...{ kind: "finetuned", classes, columns, mean, scale, details: {} },
    weight: transposed(mixed("classifier.1.weight", weight), classes, columns),
    bias: mixed("classifier.1.bias", start?.bias ?? zeros),
  };
  const weights: LoadedWeights = { ...model.checkpoint, tensors: trunkTensors };
  using trunk = createTrunk(weights);
  const ofData = await extractFeatures(trunk, data, model.recipe!);
  return evaluatePredictions(predictProbabilities(head, ofData), data.labels, data.classes)
    .accuracy.value;
}

console.log("| settings | epochs | best | test: kept / last | unseen: kept / last | seconds |");
console.log("|---|--:|--:|--:|--:|--:|");
for (const text of settings) {
  const options = JSON.parse(text) as FitOptions;
  const store = lastState();
  let start: Head | undefined;
  await model.fit(train, {
    method: "lpft",
    ...options,
    features,
    fineTune: { ...options.fineTune, checkpoint: { store }, onStart: (head) => start = head },
    onEpoch: ({ epoch, loss, validation }) => {
      if (flags.curve) console.log(`  ${epoch}: ${loss.toFixed(4)} ${JSON.stringify(validation)}`);
    },
  });
  const { epochs, bestEpoch = "–", seconds } = model.training!;
  const score = async (data: ImageDataset) =>
    `${(await model.evaluate(data)).accuracy.value.toFixed(4)} / ${
      (await lastEpoch(store.state!, { start, data })).toFixed(4)
    }`;
  const cells = [
    text,
    epochs.length,
    bestEpoch,
    await score(test),
    await score(unseen),
    seconds.toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
