import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { predictProbabilities } from "../../src/model/heads.ts";
import { type EpochReport, fitLinear, type LinearOptions } from "../../src/train/linear.ts";
import { assertNear, clouds, tensorTest } from "./wasm.ts";

// tests/fixtures/make_train_linear.py
const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_linear.json", import.meta.url)),
) as {
  rows: number;
  columns: number;
  classes: number;
  batchSize: number;
  epochs: number;
  randomState: number;
  features: number[];
  labels: number[];
  courses: {
    name: string;
    options: Partial<LinearOptions>;
    firstWeight: number[];
    firstBias: number[];
    losses: number[];
    accuracies: number[];
    weight: number[];
    bias: number[];
  }[];
};

const { rows, columns, classes, batchSize, epochs, randomState } = fixture;
const features = { data: Float32Array.from(fixture.features), rows, columns };
const labels = Int32Array.from(fixture.labels);

/** `[classes, columns]`, as PyTorch has it. */
const asTorch = (weight: Float32Array) =>
  Array.from(
    { length: weight.length },
    (_, i) => weight[(i % columns) * classes + Math.floor(i / columns)],
  );

for (const course of fixture.courses) {
  tensorTest(`linear head takes PyTorch's course: ${course.name}`, async () => {
    const head = await fitLinear(features, labels, {
      classes,
      batchSize,
      epochs,
      randomState,
      shuffle: false,
      ...course.options,
    });
    // float32 sums in another order, over 60 steps.
    assertNear(head.history.map(({ loss }) => loss), course.losses, {
      relative: 1e-5,
      what: "loss",
    });
    assertNear(head.history.map(({ accuracy }) => accuracy), course.accuracies, {
      absolute: 1e-12,
      what: "accuracy",
    });
    assertNear(asTorch(head.weight), course.weight, { absolute: 2e-5, what: "weight" });
    assertNear(head.bias, course.bias, { absolute: 2e-5, what: "bias" });
  });
}

tensorTest("linear head starts from torch.nn.Linear's weights", async () => {
  const [{ firstWeight, firstBias }] = fixture.courses;
  const options = { classes, epochs: 1, learningRate: 1e-30, randomState };
  const head = await fitLinear(features, labels, options);
  assert.deepEqual(asTorch(head.weight), firstWeight.map(Math.fround));
  assert.deepEqual([...head.bias], firstBias.map(Math.fround));
});

tensorTest("shuffled training learns, reports each epoch and repeats its bits", async () => {
  const { labels, ...features } = clouds({ rows: 90, columns: 10, classes: 3, spread: 0.5 });
  const seen: EpochReport[] = [];
  const fit = (randomState: number, onEpoch?: (report: EpochReport) => void) =>
    fitLinear(features, labels, {
      classes: 3,
      epochs: 30,
      batchSize: 20,
      learningRate: 0.02,
      randomState,
      onEpoch,
    });
  const head = await fit(1, (report) => seen.push(report));
  assert.deepEqual(seen, head.history);
  assert.deepEqual(seen.map(({ epoch }) => epoch), Array.from({ length: 30 }, (_, i) => i + 1));
  assert.ok(seen[29].loss < seen[0].loss / 5 && seen[29].accuracy > 0.95);
  assert.deepEqual(await fit(1), head);
  assert.notDeepEqual((await fit(2)).weight, head.weight);
  const probabilities = predictProbabilities(head, features);
  assert.ok(probabilities[1 * 3 + 1] > 0.5);
});

tensorTest("a diverging run ends with step and learning rate", async () => {
  await assert.rejects(
    fitLinear(features, labels, { classes, optimizer: "sgd", learningRate: 1e38, epochs: 20 }),
    (error) =>
      error instanceof UserError &&
      /loss is (NaN|Infinity) at step \d+ \(epoch \d+\) with learning rate 1e\+38/.test(
        error.message,
      ),
  );
});

tensorTest("linear training stops at an abort", async () => {
  const controller = new AbortController();
  await assert.rejects(
    fitLinear(features, labels, {
      classes,
      signal: controller.signal,
      onEpoch: ({ epoch }) => epoch === 3 && controller.abort(new Error("enough")),
    }),
    /enough/,
  );
});

tensorTest("settings that make no sense are refused", async () => {
  for (
    const [options, pattern] of [
      [{ epochs: 0 }, /epochs is 0/],
      [{ batchSize: 2.5 }, /batchSize is 2.5/],
      [{ learningRate: -1 }, /learning rate is -1/],
      [{ classWeights: [1, 0, 1] }, /that of class "1" is 0, expected a number above 0/],
    ] as const
  ) {
    await assert.rejects(
      fitLinear(features, labels, { classes, ...options }),
      (error) => error instanceof UserError && pattern.test(error.message),
    );
  }
});
