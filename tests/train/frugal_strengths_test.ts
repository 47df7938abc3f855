// Choosing the strength of a dear probe: fewer fits, fewer columns, the same choice; the last fit is on all columns.
import assert from "node:assert/strict";
import type { Progress } from "../../src/core/progress.ts";
import { measureColumns } from "../../src/model/standardise.ts";
import { countLabels, DEFAULT_STRENGTHS } from "../../src/train/choose_strength.ts";
import { dealFolds, scoreStrengths } from "../../src/train/cross_validation.ts";
import { DesignMatrix } from "../../src/train/design_matrix.ts";
import { frugalFits, scoreFrugally } from "../../src/train/frugal_strengths.ts";
import { heldOutProbabilities } from "../../src/train/held_out.ts";
import { reduceFeatures, widenPoint } from "../../src/train/principal_axes.ts";
import { fitProbe } from "../../src/train/probe.ts";
import { isDear } from "../../src/train/probe_cost.ts";
import { SoftmaxRegression } from "../../src/train/softmax_regression.ts";
import { assertNear, clouds, tensorTest } from "./wasm.ts";

const CLASSES = 5;
const { labels, ...features } = clouds({ rows: 120, columns: 40, classes: CLASSES, spread: 4 });
const standardisation = measureColumns(features, "pareto");
const counts = countLabels(labels, CLASSES);
const folds = dealFolds(labels, counts, { folds: 3, randomState: 5 });

/** Fits that progress tells of: each ends with a log-loss. */
function fitsOf(seen: readonly Progress[]): number {
  return seen.filter(({ detail }) => detail !== undefined && "logLoss" in detail).length;
}

tensorTest("frugal folds choose as all folds and strengths do, by half of the fits", async () => {
  using design = new DesignMatrix(features, standardisation, { gram: false });
  const options = { classes: CLASSES, strengths: DEFAULT_STRENGTHS, ...folds };
  const seen: Progress[] = [];
  const frugal = await scoreFrugally(design, labels, {
    ...options,
    onProgress: (progress) => seen.push(progress),
  });
  const all = await scoreStrengths(design, labels, options);
  const ofFrugal = all.scores.find(({ strength }) => strength === frugal.best.strength)!;
  // The log-loss of the chosen strength is the least one within its standard error: about its size over the root of the rows.
  assert.ok(ofFrugal.logLoss - all.best.logLoss < all.best.logLoss / Math.sqrt(120));
  assert.ok(Math.abs(frugal.best.logLoss - ofFrugal.logLoss) < 0.03, `${frugal.best.logLoss}`);
  const fits = fitsOf(seen), most = frugalFits(DEFAULT_STRENGTHS.length, 3);
  assert.ok(fits <= most && most === 13 + 6 && fits < 3 * all.scores.length * 0.7, `${fits}`);
  assert.ok(seen.every(({ done }, i) => i === 0 || done >= seen[i - 1].done));
  assert.deepEqual(frugal.heldOut.rows, Int32Array.from(labels.keys()));
  assert.equal(frugal.points.length, 3 * CLASSES * (40 + 1));
});

tensorTest(
  "axes are orthonormal, hold the largest variance and none that is not there",
  async () => {
    const doubled = { ...features, columns: 80, data: new Float32Array(120 * 80) };
    for (let row = 0; row < 120; row++) { // the second half repeats the first: 40 axes at most
      const from = features.data.subarray(row * 40, (row + 1) * 40);
      doubled.data.set(from, row * 80);
      doubled.data.set(from, row * 80 + 40);
    }
    const scaling = measureColumns(doubled, "pareto");
    const { axes, features: reduced } = await reduceFeatures(doubled, scaling);
    assert.deepEqual([axes.length, reduced.columns], [40 * 80, 40]);
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < 80; k++) sum += axes[i * 80 + k] * axes[j * 80 + k];
        assert.ok(Math.abs(sum - (i === j ? 1 : 0)) < 1e-5, `${i} ${j} ${sum}`);
      }
    }
    assert.deepEqual(await reduceFeatures(doubled, scaling), { axes, features: reduced });
  },
);

tensorTest("a point on the axes is the same probe on all columns", async () => {
  const { axes, features: reduced } = await reduceFeatures(features, standardisation);
  const problem = { labels, classes: CLASSES, parts: [{ rows: Int32Array.from(labels.keys()) }] };
  using few = new DesignMatrix(reduced, undefined, { gram: false });
  using all = new DesignMatrix(features, standardisation, { gram: false });
  const point = Float64Array.from(
    { length: CLASSES * (reduced.columns + 1) },
    (_, i) => i % 7 / 70,
  );
  const narrow = new SoftmaxRegression(few, problem), wide = new SoftmaxRegression(all, problem);
  narrow.startAt(point);
  wide.startAt(widenPoint(point, axes, 40));
  assertNear([wide.value(0)], [narrow.value(0)], { relative: 1e-5 });
});

Deno.test("small sets are not dear, hundreds of classes are", () => {
  const columns = 1704, cvRows = 1500;
  assert.ok(!isDear({ rows: 100_000, columns, classes: 10, cvRows }));
  assert.ok(!isDear({ rows: 20_000, columns, classes: 3, cvRows }));
  assert.ok(!isDear({ rows: 1020, columns, classes: 102, cvRows }));
  assert.ok(isDear({ rows: 2000, columns, classes: 500, cvRows }));
  assert.ok(isDear({ rows: 2000, columns, classes: 1000, cvRows }));
});

tensorTest("a dear probe takes a bounded number of fits and iterations, and says so", async () => {
  const classes = 330;
  const { labels, ...features } = clouds({ rows: 3 * classes, columns: 940, classes, spread: 2 });
  assert.ok(isDear({ ...features, classes, cvRows: 1500 }));
  const seen: Progress[] = [];
  const strengths = [1e-3, 1e-2];
  const options = { classes, strengths };
  const { details, heldOut } = await fitProbe(features, labels, {
    ...options,
    holdOut: true,
    onProgress: (progress) => seen.push(progress),
  });
  assert.equal(details.folds, 3);
  assert.ok(fitsOf(seen) <= frugalFits(2, 3), `${fitsOf(seen)}`);
  assert.ok(seen.every(({ done }, i) => i === 0 || done >= seen[i - 1].done));
  assert.equal(seen.at(-1)!.done, seen.at(-1)!.total);
  assert.ok(seen.some(({ detail }) => detail !== undefined && "iterations" in detail));
  assert.ok((details.iterations as number) <= 50);
  assert.equal(heldOut!.rows.length, labels.length);
  assert.ok((details.cvAccuracy as number) > 0.5, `${details.cvAccuracy}`);
  const { probabilities } = await heldOutProbabilities(features, labels, {
    classes,
    strengths: [details.strength as number],
    folds: 2,
  });
  const sums = Array.from(
    { length: 5 },
    (_, row) => probabilities.subarray(row * classes, (row + 1) * classes).reduce((a, b) => a + b),
  );
  assertNear(sums, [1, 1, 1, 1, 1], { absolute: 1e-4 });
});
