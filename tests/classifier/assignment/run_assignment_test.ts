// The assignment's procedure on networks and pictures that take no time.
import assert from "node:assert/strict";
import { prepareAssignment } from "../../../src/classifier/assignment/assignment_data.ts";
import {
  type AssignmentOptions,
  runAssignment,
} from "../../../src/classifier/assignment/run_assignment.ts";
import { assignmentViews } from "../../../src/classifier/assignment/views.ts";
import { UserError } from "../../../src/core/errors.ts";
import { IMAGENET_PREPROCESSING } from "../../../src/core/preprocessing.ts";
import type { Progress } from "../../../src/core/progress.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { preprocess } from "../../../src/data/preprocess.ts";
import { viewState } from "../../../src/train/view_state.ts";
import { tensorTest } from "../../train/wasm.ts";
import { colouredPictures, NO_WEIGHTS, recordedNetworks, SIDE } from "./small_assignment.ts";

const COUNT = 60;
const data = colouredPictures(COUNT);
const EPOCHS = { extraction: 3, fineTuning: 2 };
const STEPS = 20;

/** The assignment on fake networks, and what was done with them. */
async function small(options: AssignmentOptions = {}) {
  const { make: makeNetwork, lives } = recordedNetworks();
  const defaults = { epochs: EPOCHS, rateSteps: STEPS, imageSize: SIDE, makeNetwork };
  const report = await runAssignment(data, NO_WEIGHTS, { ...defaults, ...options });
  return { report, lives };
}

tensorTest("A: the split is scikit-learn's with random state 5, in batches of 28", async () => {
  const { report, lives } = await small();
  assert.deepEqual(report.classes, ["red", "blue"]);
  const { train, test } = data.split({ testSize: 0.1, randomState: 5 });
  assert.deepEqual(report.train, { pictures: 54, classCounts: [...train.classCounts()] });
  assert.deepEqual(report.test, { pictures: 6, classCounts: [...test.classCounts()] });
  assert.deepEqual([report.batchSize, report.batches, report.imageSize], [28, 2, SIDE]);
  assert.deepEqual(report.pictureSizes, { height: [SIDE, SIDE], width: [SIDE, SIDE] });
  const sizes = lives[0].passes.map(({ pixels }) => pixels.length / (SIDE * SIDE * 3));
  assert.deepEqual(sizes.slice(2 * STEPS), [
    ...[28, 26, 6, 28, 26, 6, 28, 26, 6], // two batches of training and one of validation in each epoch
    ...[28, 26, 6], // the scores at the end
  ]);
});

tensorTest("C and E: first the new layer alone learns, then everything from there", async () => {
  const { lives } = await small();
  assert.equal(lives.length, 2);
  const [frozen, whole] = lives;
  const state = lives.map(({ options: { policy } }) =>
    ["features.0", "features.8", "classifier"].map((part) => {
      const { trainable, batchNorm } = policy!(part);
      return `${trainable ? "learns" : "frozen"}, ${batchNorm}`;
    })
  );
  assert.deepEqual(state, [
    ["frozen, running", "frozen, running", "learns, batch"], // a linear layer has no batch norm
    ["learns, running", "learns, running", "learns, running"],
  ]);
  for (const { options: { classes, batchSize, dropout, stages, standardisation } } of lives) {
    assert.deepEqual([classes, batchSize, dropout], [2, 28, 0]);
    assert.deepEqual([stages, standardisation], [undefined, undefined]);
  }
  assert.deepEqual(lives.map(({ options }) => options.stochasticDepth), [0, undefined]);
  // The new layer is torch's Linear, drawn with the seed; the rest starts as the second one starts: as it was.
  assert.deepEqual([...frozen.start.keys()].slice(0, 2), [
    "classifier.1.weight",
    "classifier.1.bias",
  ]);
  assert.ok(frozen.start.get("classifier.1.weight")!.every((value) => Math.abs(value) <= 0.5));
  for (const [name, values] of frozen.end!) {
    assert.deepEqual(whole.start.get(name), values, name);
    const same = whole.end!.get(name)!.every((value, i) => value === values[i]);
    assert.equal(same, name.includes("running"), name);
  }
  assert.deepEqual([frozen.beside, whole.beside], [0, 0], "two networks at once");
  assert.ok(whole.end, "the last network was not given back");
});

tensorTest(
  "B: training sees fresh views in each epoch, scores the pictures as they are",
  async () => {
    const seed = 11;
    const { lives } = await small({ seed });
    const { train, test } = data.split({ testSize: 0.1, randomState: 5 });
    const prepared = { preprocessing: IMAGENET_PREPROCESSING, size: SIDE };
    const values = SIDE * SIDE * 3;
    const plain = {
      train: preprocess(await train.images([...train.labels.keys()]), prepared),
      test: preprocess(await test.images([...test.labels.keys()]), prepared),
    };
    const transform = assignmentViews();
    for (const [life, epochs] of [[lives[0], 3], [lives[1], 2]] as const) {
      const shown = life.passes.slice(2 * STEPS);
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const [a, b, validation] = shown.splice(0, 3);
        assert.equal(validation.chance, "none");
        assert.deepEqual(validation.pixels, plain.test);
        const images = await train.images([...train.labels.keys()]);
        const views = preprocess(
          images.map((image, index) =>
            transform.apply(image, viewState(seed, { view: epoch, index }))
          ),
          prepared,
        );
        // The order is shuffled: the same pictures, sorted.
        assert.deepEqual(sorted([a.pixels, b.pixels], values), sorted([views], values));
      }
      const [a, b, apart] = shown;
      assert.deepEqual(new Float32Array([...a.pixels, ...b.pixels]), plain.train);
      assert.deepEqual(apart.pixels, plain.test);
      assert.ok(shown.every(({ chance }) => chance === "none"));
    }
  },
);

/** Pictures in an order that depends on nothing but their pixels. */
function sorted(batches: Float32Array[], values: number): string[] {
  return batches.flatMap((pixels) =>
    Array.from(
      { length: pixels.length / values },
      (_, i) => pixels.subarray(i * values, (i + 1) * values).join(),
    )
  ).sort();
}

tensorTest("each training has a learning rate of its own, found by a range test", async () => {
  const { report, lives } = await small();
  for (const [i, name] of (["extraction", "fineTuning"] as const).entries()) {
    const { rates, learningRate } = report[name];
    assert.equal(rates!.rates.length <= STEPS, true);
    assert.equal(learningRate, rates!.suggestion!.tenthOfLeast);
    const { rules } = lives[i];
    const trained = rules.slice(-2 * EPOCHS[name]);
    assert.deepEqual(
      trained.map((rule) => [rule.kind, rule.step, rule.learningRate, rule.weightDecay]),
      trained.map((_, step) => ["adam", step + 1, learningRate, 0]),
    );
  }
  assert.notDeepEqual(report.extraction.rates, report.fineTuning.rates);
});

tensorTest("a learning rate that is given is not looked for", async () => {
  const learningRates = { extraction: 0.05 };
  const { report, lives } = await small({ learningRates });
  assert.equal(report.extraction.rates, null);
  assert.equal(report.extraction.learningRate, 0.05);
  assert.equal(lives[0].rules.length, 6);
  assert.ok(report.fineTuning.rates !== null);
});

tensorTest("D, F and G: costs of every epoch, and scores that learning makes better", async () => {
  const { report } = await small({
    epochs: { extraction: 20, fineTuning: 10 },
    learningRates: { extraction: 0.05, fineTuning: 0.02 },
  });
  for (const [name, epochs] of [["extraction", 20], ["fineTuning", 10]] as const) {
    const phase = report[name];
    assert.equal(phase.costs.length, epochs);
    assert.equal(phase.validationCosts.length, epochs);
    assert.equal(phase.validationAccuracies.length, epochs);
    assert.deepEqual([phase.train.accuracy.n, phase.test.accuracy.n], [54, 6]);
    // What is validated last is what is scored.
    assert.equal(phase.validationCosts.at(-1), phase.test.cost);
    assert.equal(phase.validationAccuracies.at(-1), phase.test.accuracy.value);
    assert.ok(phase.seconds.training > 0);
  }
  const { extraction, fineTuning } = report;
  assert.ok(extraction.costs.at(-1)! < extraction.costs[0] / 1.3, extraction.costs.join());
  assert.ok(fineTuning.costs.at(-1)! < extraction.costs.at(-1)!, fineTuning.costs.join());
  assert.ok(fineTuning.train.accuracy.value > 0.9);
  assert.deepEqual([extraction.parameters, fineTuning.parameters], [4 * 2 + 2, 10 + 4 * 3 + 8]);
});

tensorTest("one seed gives one run, another seed another", async () => {
  const run = async (seed: number) => {
    const { report: { extraction, fineTuning } } = await small({ seed });
    return [extraction, fineTuning].map((phase) => ({ ...phase, seconds: 0 }));
  };
  const first = await run(7);
  assert.deepEqual(await run(7), first);
  assert.notDeepEqual(await run(8), first);
});

tensorTest("progress tells the four parts of the work apart", async () => {
  const seen: Progress[] = [];
  await small({ onProgress: (one) => seen.push(one) });
  const stages = [...new Set(seen.map(({ stage }) => stage))];
  assert.deepEqual(stages, [
    "learning rate, feature extraction",
    "feature extraction",
    "learning rate, fine-tuning",
    "fine-tuning",
  ]);
  for (const stage of stages) {
    const { done, total } = seen.filter((one) => one.stage === stage).at(-1)!;
    assert.equal(done, total, stage);
  }
});

tensorTest("the assignment stops when it is told to, and gives its networks back", async () => {
  const { make: makeNetwork, lives } = recordedNetworks();
  const controller = new AbortController();
  const reason = new Error("enough");
  const onProgress = ({ stage }: Progress) => {
    if (stage === "fine-tuning") controller.abort(reason);
  };
  const options = { epochs: EPOCHS, rateSteps: STEPS, imageSize: SIDE, makeNetwork };
  const { signal } = controller;
  await assert.rejects(
    runAssignment(data, NO_WEIGHTS, { ...options, onProgress, signal }),
    reason,
  );
  assert.equal(lives.length, 2);
  assert.ok(lives.every(({ end }) => end !== undefined));
});

tensorTest("a cost that never falls ends it, and says what was looked for", async () => {
  const { make } = recordedNetworks();
  const makeNetwork: typeof make = (...given) => ({
    ...make(...given),
    forward: (images) => new Float32Array(images.shape[0] * 2), // always log(2)
    backward() {},
  });
  await rejectsUser(
    runAssignment(data, NO_WEIGHTS, { rateSteps: 30, imageSize: SIDE, makeNetwork }),
    /^Cannot find a learning rate for feature extraction: the cost never fell between 1e-7 and 10/,
  );
});

function rejectsUser(work: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("data and options that do not fit are refused before any work", async () => {
  const makeNetwork = () => assert.fail("work began");
  const run = (wrong: ImageDataset, options: AssignmentOptions = {}) =>
    runAssignment(wrong, NO_WEIGHTS, { makeNetwork, ...options });
  const reds = data.subset([...data.labels.keys()].filter((i) => data.labels[i] === 0));
  // Of 20 pictures 2 are kept apart; the only red one is the first of them.
  const only = [...Array(20).keys()].map((i) => i === hidden(20) ? 0 : 1);
  const cases: [ImageDataset, RegExp][] = [
    [reds, /colours\.zip: all 20 pictures are of class "red"/],
    [data.subset([]), /it has no pictures/],
    [data.subset(only), /all pictures of class "red" are among the 2 that the split keeps apart/],
    [
      ImageDataset.fromPixels(new Uint8Array(4 * 40), {
        shape: [2, 2, 1],
        labels: Array.from({ length: 40 }, (_, i) => i % 2),
        source: "tiny.csv",
      }),
      /tiny\.csv: row 1 has 2 x 2 pixels, expected at least 3 x 3/,
    ],
  ];
  for (const [wrong, message] of cases) await rejectsUser(run(wrong), message);
  const epochs = { extraction: 1, fineTuning: 0 };
  await rejectsUser(run(data, { epochs }), /epochs of fine-tuning are 0, expected a whole number/);
  prepareAssignment(data); // no fault where there is none
});

/** The row of so many that is kept apart first. */
function hidden(count: number): number {
  const rows = ImageDataset.fromPixels(Uint8Array.from({ length: count * 9 }, (_, i) => i / 9), {
    shape: [3, 3, 1],
    labels: Array.from({ length: count }, (_, i) => String(i)),
  });
  const { test } = rows.split({ testSize: 0.1, randomState: 5 });
  return Number(rows.classes[test.labels[0]]);
}
