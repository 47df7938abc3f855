import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { predictProbabilities } from "../../src/model/heads.ts";
import { balancedWeights } from "../../src/train/class_weights.ts";
import { fitProbe } from "../../src/train/probe.ts";
import { assertNear, clouds, tensorTest } from "./wasm.ts";

interface Case {
  name: string;
  rows: number;
  columns: number;
  classes: number;
  strength: number;
  features: number[];
  labels: number[];
  mean: number[];
  scale: number[];
  weight: number[];
  probabilities: number[];
  objective: number;
  /** scikit-learn's, from what it was asked for; `balanced` where that was the word. */
  classWeights?: number[];
  balanced?: boolean;
}

// tests/fixtures/make_train_probe.py
const { cases } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_probe.json", import.meta.url)),
) as { cases: Case[] };

for (const given of cases) {
  tensorTest(`probe equals scikit-learn's LogisticRegression: ${given.name}`, async () => {
    const { rows, columns, classes, strength } = given;
    const features = { data: Float32Array.from(given.features), rows, columns };
    const labels = Int32Array.from(given.labels);
    const counts = Array.from({ length: classes }, (_, k) => labels.filter((l) => l === k).length);
    const classWeights = given.balanced ? balancedWeights(counts) : given.classWeights;
    if (classWeights) assertNear(classWeights, given.classWeights!, { relative: 1e-15 });
    const head = await fitProbe(features, labels, {
      classes,
      classWeights,
      strengths: [strength],
      scaling: "standard",
      tolerance: 1e-11,
    });
    assertNear(head.mean!, given.mean, { absolute: 1e-6, relative: 1e-6, what: "mean" });
    // The column that does not vary has scale 1 in both.
    assertNear(head.scale!, given.scale, { relative: 1e-6, what: "scale" });
    const weight = Array.from(
      { length: classes * columns },
      (_, i) => head.weight[(i % columns) * classes + Math.floor(i / columns)],
    );
    const largest = Math.max(...given.weight.map(Math.abs));
    // float32 features and products against float64: a few 1e-5 of the largest weight.
    assertNear(weight, given.weight, { absolute: 1e-4 * largest, what: "weight" });
    const probabilities = predictProbabilities(head, features);
    assertNear(probabilities, given.probabilities, { absolute: 2e-5, what: "probabilities" });
    // The minimum is flat: the objective agrees far closer than the weights. 1e-6 is float32 probabilities.
    let objective = 0;
    labels.forEach((label, row) =>
      objective -= strength * (classWeights?.[label] ?? 1) *
        Math.log(probabilities[row * classes + label])
    );
    for (const value of head.weight) objective += value * value / 2;
    assertNear([objective], [given.objective], { relative: 1e-5, what: "objective" });
  });
}

tensorTest("a column that does not vary gets weight 0", async () => {
  const { labels, ...features } = clouds({ rows: 40, columns: 5, classes: 2 });
  for (let row = 0; row < 40; row++) features.data[row * 5 + 3] = 0.1;
  const head = await fitProbe(features, labels, { classes: 2 });
  // (0.1 in float32 - its mean) is a rounding error at most.
  assertNear(head.weight.subarray(6, 8), [0, 0], { absolute: 1e-6 });
});

tensorTest("Pareto scaling divides by the root of the deviation, whatever the unit", async () => {
  const { labels, ...features } = clouds({ rows: 40, columns: 3, classes: 2 });
  for (let row = 0; row < 40; row++) {
    features.data[row * 3] = row % 2 ? 5 : 1; // deviation 2
    features.data[row * 3 + 1] = row % 4 < 2 ? 0 : 16; // deviation 8
    features.data[row * 3 + 2] = 7;
  }
  const head = await fitProbe(features, labels, { classes: 2, strengths: [0.1] });
  // The geometric mean deviation is 4; the column that does not vary has no part in it.
  assertNear(head.scale!, [Math.sqrt(8), Math.sqrt(32), 1], { relative: 1e-6 });
  const larger = { ...features, data: features.data.map((value) => value * 1000) };
  const other = await fitProbe(larger, labels, { classes: 2, strengths: [0.1] });
  assertNear(predictProbabilities(other, larger), predictProbabilities(head, features), {
    absolute: 1e-3,
  });
});

tensorTest("the strength is chosen by cross-validation and suits the noise", async () => {
  const options = { rows: 120, columns: 20, classes: 3 };
  const fit = ({ labels, ...features }: ReturnType<typeof clouds>) =>
    fitProbe(features, labels, { classes: 3 });
  const clear = await fit(clouds({ ...options, spread: 0.3 }));
  const noisy = await fit(clouds({ ...options, spread: 6 }));
  assert.equal(clear.details.chosenBy, "log-loss in cross-validation");
  assert.equal(clear.details.folds, 5);
  assert.ok(clear.details.strength > noisy.details.strength, JSON.stringify([clear, noisy]));
  assert.ok(clear.details.cvAccuracy as number > 0.99);
});

tensorTest(
  "weights of 1 change no bit, others are told and tried in cross-validation",
  async () => {
    const { labels, ...features } = clouds({ rows: 60, columns: 6, classes: 3, spread: 3 });
    const plain = await fitProbe(features, labels, { classes: 3 });
    const { details, ...ones } = await fitProbe(features, labels, {
      classes: 3,
      classWeights: [1, 1, 1],
    });
    assert.deepEqual({ ...ones, details: { ...details, classWeights: undefined } }, {
      ...plain,
      details: { ...plain.details, classWeights: undefined },
    });
    assert.equal(details.classWeights, "1 1 1");
    assert.ok(!("classWeights" in plain.details));
    const weighted = await fitProbe(features, labels, { classes: 3, classWeights: [1, 1, 9] });
    assert.notEqual(weighted.details.cvLogLoss, plain.details.cvLogLoss);
    const hits = (head: typeof weighted) => {
      const probabilities = predictProbabilities(head, features);
      const rows = [...labels.keys()].filter((row) => labels[row] === 2);
      return rows.reduce((sum, row) => sum + probabilities[row * 3 + 2], 0);
    };
    assert.ok(hits(weighted) > 1.1 * hits(plain), `${hits(weighted)} and ${hits(plain)}`);
  },
);

tensorTest("the same seed gives the same bits, another seed may not", async () => {
  const { labels, ...features } = clouds({ rows: 60, columns: 80, classes: 4, spread: 2 });
  const first = await fitProbe(features, labels, { classes: 4, randomState: 3 });
  const second = await fitProbe(features, labels, { classes: 4, randomState: 3 });
  assert.deepEqual(second, first);
  const other = await fitProbe(features, labels, { classes: 4, randomState: 4 });
  assert.notEqual(other.details.cvLogLoss, first.details.cvLogLoss);
});

tensorTest("more rows than the cross-validation takes are sampled, and it says so", async () => {
  const { labels, ...features } = clouds({ rows: 300, columns: 6, classes: 3 });
  const head = await fitProbe(features, labels, { classes: 3, cvRows: 100 });
  assert.ok(Math.abs(head.details.cvRows as number - 100) <= 3, `${head.details.cvRows}`);
});

tensorTest("a rare class lowers the number of folds, a class of one row still trains", async () => {
  const { labels, ...features } = clouds({ rows: 40, columns: 8, classes: 2, spread: 0.2 });
  labels[0] = labels[2] = labels[4] = 2;
  const three = await fitProbe(features, labels, { classes: 3 });
  assert.equal(three.details.folds, 3);
  labels[6] = 3;
  const one = await fitProbe(features, labels, { classes: 4 });
  assert.equal(one.details.folds, 3);
  const probabilities = predictProbabilities(one, features);
  assert.ok(probabilities[6 * 4 + 3] > 0, "the single row has a probability");
});

tensorTest("one row per class trains at the default strength", async () => {
  const { labels, ...features } = clouds({ rows: 3, columns: 8, classes: 3 });
  const head = await fitProbe(features, labels, { classes: 3 });
  assert.equal(head.details.strength, 1);
  const probabilities = predictProbabilities(head, features);
  for (let row = 0; row < 3; row++) assert.ok(probabilities[row * 3 + row] > 0.5);
});

tensorTest("a hundred classes train", async () => {
  const { labels, ...features } = clouds({ rows: 300, columns: 40, classes: 100, spread: 0.2 });
  const head = await fitProbe(features, labels, { classes: 100 });
  assert.equal(head.details.folds, 3);
  assert.ok(head.details.cvAccuracy as number > 0.95, `${head.details.cvAccuracy}`);
});

tensorTest("progress counts up to its total", async () => {
  const { labels, ...features } = clouds({ rows: 50, columns: 5, classes: 2 });
  const seen: [number, number][] = [];
  await fitProbe(features, labels, {
    classes: 2,
    onProgress: ({ stage, done, total }) => {
      assert.equal(stage, "probe");
      seen.push([done, total!]);
    },
  });
  assert.deepEqual(seen.map(([done]) => done).toSorted((a, b) => a - b), seen.map(([d]) => d));
  const [done, total] = seen[seen.length - 1];
  assert.equal(done, total);
});

tensorTest("an aborted fit ends with the reason and leaves no tensor", async () => {
  const { labels, ...features } = clouds({ rows: 200, columns: 60, classes: 10, spread: 3 });
  const controller = new AbortController();
  await assert.rejects(
    fitProbe(features, labels, {
      classes: 10,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    }),
    /enough/,
  );
});

tensorTest("what cannot be learnt from is refused in one line", async () => {
  const { labels, ...features } = clouds({ rows: 6, columns: 2, classes: 2 });
  const refuses = async (
    pattern: RegExp,
    given: { labels?: Int32Array; data?: Float32Array; classes?: number },
  ) => {
    const data = given.data ?? features.data;
    await assert.rejects(
      fitProbe({ ...features, data }, given.labels ?? labels, {
        classes: given.classes ?? 2,
        classNames: ["cat", "dog", "emu"],
      }),
      (error) =>
        error instanceof UserError && pattern.test(error.message) && !error.message.includes("\n"),
    );
  };
  await refuses(/all 6 rows are of class "cat"/, { labels: new Int32Array(6) });
  await refuses(/class "emu" has no rows/, { classes: 3 });
  await refuses(/row 2 has no label/, { labels: Int32Array.of(0, 1, -1, 0, 1, 0) });
  await refuses(/row 0 has class index 7/, { labels: Int32Array.of(7, 1, 0, 0, 1, 0) });
  const data = features.data.slice();
  data[5] = NaN;
  await refuses(/feature 1 of row 2 is NaN/, { data });
  await assert.rejects(fitProbe({ data, rows: 0, columns: 2 }, labels, { classes: 2 }), UserError);
  await assert.rejects(fitProbe(features, labels, { classes: 2, strengths: [0] }), UserError);
  await assert.rejects(
    fitProbe(features, labels, { classes: 2, classWeights: [1] }),
    /there is 1, expected 2/,
  );
});
