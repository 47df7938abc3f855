import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { Progress } from "../../src/core/progress.ts";
import { heldOutProbabilities } from "../../src/train/held_out.ts";
import { assertNear, clouds, tensorTest } from "./wasm.ts";

interface Case {
  name: string;
  rows: number;
  columns: number;
  classes: number;
  strength: number;
  folds: number;
  randomState: number;
  features: number[];
  labels: number[];
  probabilities: number[];
}

// tests/fixtures/make_train_probe.py
const { heldOut } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_probe.json", import.meta.url)),
) as { heldOut: Case[] };

for (const given of heldOut) {
  tensorTest(
    `held-out probabilities are scikit-learn's cross_val_predict: ${given.name}`,
    async () => {
      const { rows, columns, classes, strength, folds, randomState } = given;
      const features = { data: Float32Array.from(given.features), rows, columns };
      const found = await heldOutProbabilities(features, Int32Array.from(given.labels), {
        classes,
        strengths: [strength],
        scaling: "standard",
        folds,
        randomState,
        tolerance: 1e-11,
      });
      assert.equal(found.strength, strength);
      assert.equal(found.folds, folds);
      // As for a single probe: float32 products.
      assertNear(found.probabilities, given.probabilities, { absolute: 2e-5 });
    },
  );
}

tensorTest("each row is judged once, by a probe that has not seen it", async () => {
  const { labels, ...features } = clouds({ rows: 40, columns: 5, classes: 2, spread: 0.1 });
  // A row amid the other class: who had learnt from it would know better.
  labels[0] = 1;
  const told: Progress[] = [];
  const { probabilities, foldOfRow, folds, strength } = await heldOutProbabilities(
    features,
    labels,
    { classes: 2, onProgress: (progress) => told.push(progress) },
  );
  assert.ok(strength > 0);
  assert.equal(folds, 5);
  assert.ok(foldOfRow.every((fold) => fold >= 0 && fold < 5));
  for (let row = 0; row < 40; row++) {
    assert.ok(Math.abs(probabilities[2 * row] + probabilities[2 * row + 1] - 1) < 1e-6);
  }
  assert.ok(probabilities[1] < 0.2, `${probabilities[1]}`);
  const folded = told.filter(({ stage }) => stage === "held-out probes");
  assert.deepEqual(
    folded.map(({ done, total }) => [done, total]),
    [1, 2, 3, 4, 5].map((n) => [n, 5]),
  );
});

tensorTest("the only row of a class is held out by none, and its row stays empty", async () => {
  const { labels, ...features } = clouds({ rows: 20, columns: 5, classes: 2 });
  labels[7] = 2;
  const { probabilities, foldOfRow } = await heldOutProbabilities(features, labels, { classes: 3 });
  assert.deepEqual([...foldOfRow.keys()].filter((row) => foldOfRow[row] < 0), [7]);
  assert.deepEqual([...probabilities.subarray(21, 24)], [0, 0, 0]);
});

tensorTest("what leaves nothing to hold out is refused, and an abort ends it", async () => {
  const { labels, ...features } = clouds({ rows: 3, columns: 5, classes: 3 });
  await assert.rejects(
    heldOutProbabilities(features, labels, { classes: 3 }),
    (error) => error instanceof UserError && /every class has a single row/.test(error.message),
  );
  const more = clouds({ rows: 60, columns: 5, classes: 2 });
  const controller = new AbortController();
  await assert.rejects(
    heldOutProbabilities(more, more.labels, {
      classes: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    }),
    /enough/,
  );
});
