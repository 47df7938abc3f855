// The lab's procedure beside PyTorch, on a network that is small enough to be written down twice.
import assert from "node:assert/strict";
import { prepareLabData } from "../../../src/classifier/lab/lab_data.ts";
import type { LabEpoch } from "../../../src/classifier/lab/lab_report.ts";
import { type LabOptions, runLab } from "../../../src/classifier/lab/run_lab.ts";
import { UserError } from "../../../src/core/errors.ts";
import type { Progress } from "../../../src/core/progress.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import type { LoadedWeights } from "../../../src/weights/load.ts";
import { assertNear, tensorTest } from "../../train/wasm.ts";
import { smallNetworks, smallPictures } from "./small_network.ts";

/** What tests/fixtures/make_lab.py counts after a phase. */
interface Hits {
  readonly train: number;
  readonly test: number;
}

interface PhaseFixture {
  readonly costs: number[];
  readonly validationCosts: number[] | null;
  readonly trainMode: Hits;
  readonly evalMode: Hits;
}

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../../fixtures/lab.json", import.meta.url)),
) as {
  epochs: number;
  seed: number;
  learningRates: { frozen: number; fineTuned: number };
  labels: number[];
  frozen: PhaseFixture;
  fineTuned: PhaseFixture;
  valuesAfter: Record<"frozen" | "fineTuned", Record<string, number[]>>;
};
const { epochs, seed, learningRates } = fixture;
const data = smallPictures(fixture.labels);
/** The small network has its own numbers. */
const weights = { source: "none" } as LoadedWeights;

function rejectsUser(work: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

/** The lab on small networks, and what was done with them. */
async function small(options: LabOptions = {}) {
  const { make: makeNetwork, lives } = smallNetworks();
  const report = await runLab(data, weights, { epochs: 2, makeNetwork, ...options });
  return { report, lives };
}

tensorTest("costs and accuracies of both phases are PyTorch's", async () => {
  const { report, lives } = await small({ epochs, seed, learningRates });
  assert.deepEqual(report.pictures, { train: 207, test: 23 });
  for (const name of ["frozen", "fineTuned"] as const) {
    const expected = fixture[name];
    const { costs, validationCosts, trainMode, evalMode } = report[name];
    // PyTorch computes in float32, the small network in float64 between float32 scores.
    const tolerance = { relative: 2e-5, what: name };
    assertNear(costs, expected.costs, tolerance);
    assert.equal(validationCosts === null, expected.validationCosts === null);
    assertNear(validationCosts ?? [], expected.validationCosts ?? [], tolerance);
    // Counts are exact: the narrowest decision of the fixture is 0.05 wide.
    assert.equal(Math.round(trainMode.train.value * 207), expected.trainMode.train);
    assert.equal(Math.round(trainMode.test.value * 23), expected.trainMode.test);
    assert.equal(Math.round(evalMode.train.value * 207), expected.evalMode.train);
    assert.equal(Math.round(evalMode.test.value * 23), expected.evalMode.test);
    // Running statistics included: every pass in train mode has moved them, validation and scoring, too.
    const { written } = lives[name === "frozen" ? 1 : 3];
    for (const [entry, values] of Object.entries(fixture.valuesAfter[name])) {
      assertNear(written[entry], values, { relative: 2e-4, absolute: 2e-5, what: entry });
    }
  }
});

tensorTest(
  "networks are what the lab's are: frozen in train mode, whole in train mode, eval mode",
  async () => {
    const { lives } = await small();
    const state = lives.map(({ options: { policy } }) =>
      ["features.0", "features.4.1", "features.8", "classifier"].map((part) => {
        const { trainable, batchNorm } = policy!(part);
        return `${trainable ? "learns" : "frozen"}, ${batchNorm}`;
      })
    );
    const evalMode = [...new Array(3).fill("frozen, running"), "learns, running"];
    assert.deepEqual(state, [
      [...new Array(3).fill("frozen, batch"), "learns, batch"],
      evalMode,
      new Array(4).fill("learns, batch"),
      evalMode,
    ]);
    for (const { options, disposed } of lives) {
      const { classes, imageSize, batchSize, dropout, stages, standardisation } = options;
      assert.deepEqual({ classes, imageSize, batchSize, dropout }, {
        classes: 4,
        imageSize: 28,
        batchSize: 100,
        dropout: 0,
      });
      assert.deepEqual([stages, standardisation, disposed], [undefined, undefined, true]);
    }
    // The default is torchvision's 0.2; eval mode skips nothing.
    assert.deepEqual(lives.map(({ options }) => options.stochasticDepth), [
      undefined,
      0,
      undefined,
      0,
    ]);
  },
);

tensorTest("pixels go in raw, and only eval mode skips no block", async () => {
  const { lives } = await small({ seed: 11 });
  assert.ok(lives.every(({ brightest }) => Math.max(...brightest) > 150));
  // 3 batches of training and 1 of validation in each of 2 epochs, then 4 to score; no validation the second time.
  assert.deepEqual(lives.map(({ chances }) => chances.length), [12, 4, 10, 4]);
  const drawn = [...lives[0].chances, ...lives[2].chances];
  assert.deepEqual(drawn, drawn.map((_, step) => ({ seed: 11, step })));
  assert.ok([...lives[1].chances, ...lives[3].chances].every((chance) => chance === "none"));
});

tensorTest("each phase has an Adam of its own, as PyTorch's defaults have it", async () => {
  const { lives } = await small();
  assert.deepEqual(lives.map(({ rules }) => rules.length), [6, 0, 6, 0]);
  for (const [life, learningRate] of [[lives[0], 0.1], [lives[2], 1e-5]] as const) {
    assert.deepEqual(
      life.rules,
      [1, 2, 3, 4, 5, 6].map((step) => ({
        kind: "adam",
        learningRate,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        decoupled: false,
        weightDecay: 0,
        step,
      })),
    );
  }
});

tensorTest("one seed gives one run, another seed another head", async () => {
  const costs = async (seed: number) => (await small({ seed })).report.frozen.costs;
  const first = await costs(7);
  assert.deepEqual(await costs(7), first);
  assert.notDeepEqual(await costs(8), first);
});

tensorTest("each epoch is told, and progress counts the epochs of both phases", async () => {
  const told: LabEpoch[] = [];
  const progress: Progress[] = [];
  const { report } = await small({
    onEpoch: (epoch) => told.push(epoch),
    onProgress: (one) => progress.push(one),
  });
  assert.deepEqual(told.map(({ phase, epoch }) => `${phase} ${epoch}`), [
    ...["frozen 1", "frozen 2", "fineTuned 1", "fineTuned 2"],
  ]);
  assert.deepEqual(told.slice(0, 2).map(({ cost }) => cost), report.frozen.costs);
  assert.deepEqual(
    told.map(({ validationCost }) => validationCost),
    [...report.frozen.validationCosts!, undefined, undefined],
  );
  assert.deepEqual(progress.map(({ stage, done, total }) => `${stage} ${done}/${total}`), [
    ...["the frozen phase 1/2", "the frozen phase 2/2", "fine-tuning 1/2", "fine-tuning 2/2"],
  ]);
});

tensorTest("the lab stops when it is told to, and gives its networks back", async () => {
  const { make: makeNetwork, lives } = smallNetworks();
  const controller = new AbortController();
  const reason = new Error("enough");
  const onEpoch = () => controller.abort(reason);
  const { signal } = controller;
  await assert.rejects(runLab(data, weights, { epochs: 2, makeNetwork, onEpoch, signal }), reason);
  assert.equal(lives.length, 1);
  assert.ok(lives[0].disposed);
  assert.equal(lives[0].rules.length, 3, "it went on after it was told to stop");
});

tensorTest("a cost that is no number ends the lab with where it happened", async () => {
  const { make } = smallNetworks();
  const makeNetwork: typeof make = (...given) => {
    const network = make(...given);
    return {
      ...network,
      forward: (images, chance) => network.forward(images, chance).fill(NaN),
    };
  };
  await rejectsUser(
    runLab(data, weights, { epochs: 1, makeNetwork }),
    /the cost is NaN at step 1 of the frozen phase with learning rate 0\.1/,
  );
});

Deno.test("options out of range are refused before any work", async () => {
  const makeNetwork = () => assert.fail("work began");
  const run = (options: LabOptions) => runLab(data, weights, { makeNetwork, ...options });
  await rejectsUser(run({ epochs: 0 }), /epochs is 0, expected a whole number from 1/);
  await rejectsUser(
    run({ learningRates: { frozen: 0.1, fineTuned: 0 } }),
    /a learning rate is 0, expected a number above 0/,
  );
});

Deno.test("data that the lab cannot take are refused before any work", async () => {
  const makeNetwork = () => assert.fail("work began");
  const run = (wrong: ImageDataset) => runLab(wrong, weights, { makeNetwork });
  const cases: [ImageDataset, RegExp][] = [
    [
      smallPictures([0, 1, 2, 3], { side: 32 }),
      /picture 1 is 32 x 32 with 1 channel, expected grey/,
    ],
    [
      ImageDataset.fromPixels(new Uint8Array(3 * 784 * 3), {
        shape: [28, 28, 3],
        labels: ["a", "b", "a"],
      }),
      /picture 1 is 28 x 28 with 3 channels/,
    ],
    [ImageDataset.fromImages([await data.image(0)]), /picture 1 of 1 has no label/],
    // 112 rows: 100 to train on, 12 apart; 113: 101 and 12.
    [
      data.subset(Array.from({ length: 113 }, (_, i) => i)),
      /of its 101 train pictures the last batch/,
    ],
    [data.subset([0, 1, 2, 3, 5, 6, 7, 8, 9]), /of its 1 test pictures the last batch/],
  ];
  for (const [wrong, message] of cases) await rejectsUser(run(wrong), message);
  prepareLabData(data.subset(Array.from({ length: 112 }, (_, i) => i))); // no fault where there is none
});
