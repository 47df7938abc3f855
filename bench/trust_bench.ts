/**
 * How far can a model be trusted? Calibration error on unseen pictures, and how many pictures of something else are turned away, on real
 * weights. Several measures of strangeness are compared; that of graft is the last.
 *
 * Run: `deno run -A bench/trust_bench.ts [--unseen 10000]`, with the weights and data of ../shared.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import { quantile } from "../src/core/bootstrap.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { drawSample } from "../src/data/sample.ts";
import { parseArgs } from "../src/deps.ts";
import { evaluatePredictions } from "../src/evaluate/metrics.ts";
import { energies, rejectionThreshold, strangeness } from "../src/evaluate/rejection.ts";
import { featureDistances } from "../src/model/feature_distance.ts";
import { type FeatureMatrix, logits, softmax, takeRows } from "../src/model/heads.ts";
import { fitProbe, type ProbeHead } from "../src/train/probe.ts";
import { SHARED, unseenFashion } from "./fashion.ts";

const RATE = 0.05;

interface Trial {
  readonly name: string;
  readonly train: ImageDataset;
  readonly unseen: ImageDataset;
  readonly strange: readonly (readonly [name: string, pictures: ImageDataset])[];
}

/** What is measured of features: the larger, the stranger. */
type Measure = (features: FeatureMatrix) => Float64Array;

/** Smallest root mean square distance to a class's mean, in the space that the head sees. */
function toClassMeans(head: ProbeHead, known: FeatureMatrix, labels: Int32Array): Measure {
  const means = Array.from({ length: head.classes }, (_, k) => {
    const own = takeRows(known, Int32Array.from(labels.keys()).filter((row) => labels[row] === k));
    return Float32Array.from({ length: own.columns }, (_, column) => {
      let sum = 0;
      for (let row = 0; row < own.rows; row++) sum += own.data[row * own.columns + column];
      return sum / own.rows;
    });
  });
  return (features) => {
    const all = means.map((mean) => featureDistances({ ...head, mean }, features)!);
    return all[0].map((_, row) => Math.min(...all.map((distances) => distances[row])));
  };
}

async function run({ name, train, unseen, strange }: Trial): Promise<void> {
  using model = await createClassifier({ weights: WEIGHTS, variant: "google" });
  const known = await trainedFeatures(model, train);
  const { head, calibration } = model;
  const ofUnseen = await model.features(unseen);
  const plain = evaluatePredictions(
    softmax(logits(head!, ofUnseen), head!.classes),
    unseen.labels,
    unseen.classes,
  );
  const calibrated = await model.evaluate(unseen, { features: ofUnseen });
  const { temperature, rows, eceBefore, eceAfter, rejection } = calibration!;
  console.log(`\n## ${name}: trained on ${train.length}, ${unseen.length} unseen\n`);
  console.log(
    `temperature ${temperature.toFixed(3)} by ${rows} out-of-fold answers (ECE ${
      eceBefore!.toFixed(4)
    }, then ${eceAfter!.toFixed(4)}); unseen: accuracy ${
      calibrated.accuracy.value.toFixed(4)
    }, log-loss ${plain.logLoss.toFixed(4)} and ${calibrated.logLoss.toFixed(4)}, ECE ${
      plain.ece.toFixed(4)
    } and ${calibrated.ece.toFixed(4)}\n`,
  );

  // The out-of-fold answers once more, to learn what is usual by other measures.
  const probe = await fitProbe(known, train.labels, { classes: head!.classes, holdOut: true });
  const held = probe.heldOut!;
  const ofHeld = takeRows(known, held.rows);
  const byRow = (scores: Float32Array, of: (row: Float32Array) => number) =>
    Float64Array.from(
      { length: scores.length / head!.classes },
      (_, row) => of(scores.subarray(row * head!.classes, (row + 1) * head!.classes)),
    );
  const byLogits = (measure: (scores: Float32Array) => Float64Array): [Float64Array, Measure] => [
    measure(held.logits),
    (features) => measure(logits(head!, features)),
  ];
  const byFeatures = (measure: Measure): [Float64Array, Measure] => [measure(ofHeld), measure];
  const toMean: Measure = (features) => featureDistances(head!, features)!;
  const measures: Record<string, [usual: Float64Array, measure: Measure]> = {
    "least probability": byLogits((scores) =>
      byRow(softmax(scores, head!.classes), (row) => -Math.max(...row))
    ),
    "least logit": byLogits((scores) => byRow(scores, (row) => -Math.max(...row))),
    energy: byLogits((scores) => energies(scores, head!.classes)),
    "distance to the mean": [held.distances, toMean],
    "distance to the nearest class": byFeatures(toClassMeans(head!, known, train.labels)),
  };
  const sets = [["unseen", ofUnseen] as const];
  for (const [of, pictures] of strange) sets.push([of as "unseen", await model.features(pictures)]);
  console.log(`| turned away at ${RATE} | ${sets.map(([of]) => of).join(" | ")} |`);
  console.log(`| --- |${" --: |".repeat(sets.length)}`);
  const line = (of: string, threshold: number, measure: Measure) => {
    const shares = sets.map(([, features]) => {
      const scores = measure(features);
      return (scores.filter((score) => score > threshold).length / scores.length).toFixed(3);
    });
    console.log(`| ${of} | ${shares.join(" | ")} |`);
  };
  for (const [of, [usual, measure]] of Object.entries(measures)) {
    line(of, quantile(usual.toSorted(), Math.min(1, (1 - RATE) * (rows + 1) / rows)), measure);
  }
  line(
    "**energy and distance to the mean**",
    rejectionThreshold(rejection!, RATE, rows),
    (features) =>
      strangeness(rejection!, {
        energy: energies(logits(head!, features), head!.classes),
        distance: featureDistances(head!, features),
      }),
  );
}

/** Trains the classifier; the features that it learnt from. */
async function trainedFeatures(
  model: Awaited<ReturnType<typeof createClassifier>>,
  train: ImageDataset,
): Promise<FeatureMatrix> {
  const features = await model.features(train);
  await model.fit(train, { features });
  return features;
}

/** All pictures of some classes, and all others. */
function without(
  data: ImageDataset,
  away: readonly number[],
): { rest: ImageDataset; gone: ImageDataset } {
  const rows = [...data.labels.keys()];
  const classes = data.classes.filter((_, k) => !away.includes(k));
  return {
    rest: data.subset(rows.filter((row) => !away.includes(data.labels[row]))).withClasses(classes),
    gone: data.subset(rows.filter((row) => away.includes(data.labels[row]))),
  };
}

function firstOf(data: ImageDataset, rows: number): ImageDataset {
  return data.subset(Int32Array.from({ length: rows }, (_, row) => row));
}

const WEIGHTS = new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED);
const flags = parseArgs(Deno.args, { string: ["unseen"], default: { unseen: "10000" } });
const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
const animals = await ImageDataset.open(new URL("data/cats_dogs.zip", SHARED));
const unseen = await unseenFashion(lab, Number(flags.unseen));
const few = await unseenFashion(lab, 1000);
const sample = drawSample({ rows: 2000, randomState: 5 });
const { train } = lab.split({ testSize: 0.1, randomState: 5 });
const drawn = sample.split({ testSize: 1100, randomState: 5 });
const pets = animals.split({ testSize: 50, randomState: 5, stratify: true });
await run({
  name: "lab CSV",
  train,
  unseen,
  strange: [["cats, dogs", animals], ["drawn clothes", sample]],
});
await run({
  name: "graft sample",
  train: drawn.train,
  unseen: drawn.test,
  strange: [["cats, dogs", animals], ["Fashion-MNIST", few]],
});
await run({
  name: "cats and dogs",
  train: pets.train,
  unseen: pets.test,
  strange: [["Fashion-MNIST", firstOf(few, 200)], ["drawn clothes", firstOf(drawn.test, 200)]],
});
for (const away of [[0, 1], [5, 9], [3, 8]]) {
  const names = away.map((k) => lab.classes[k]).join(" and ");
  const others = without(few, away);
  await run({
    name: `lab CSV without classes ${names}`,
    train: without(train, away).rest,
    unseen: others.rest,
    strange: [["the two classes", others.gone]],
  });
}
