// The range test on EfficientNet-B0 itself, small: drawn pictures, random weights, 28 pixels.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import {
  findRate,
  type FindRateOptions,
  type RATE_METHODS,
} from "../../src/classifier/find_rate.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";
import { randomVerticalFlip } from "../../src/data/transforms/flip.ts";
import { tensorTest } from "../train/wasm.ts";

const data = drawSample({ rows: 40 });
const newModel = () => createClassifier({ weights: "random", imageSize: 28, stages: [3, 4] });

/** Options as users give them, of which training and the test for it should make the same. */
const SETTINGS: Pick<FindRateOptions, "randomState" | "batchSize" | "classWeights" | "augment"> = {
  randomState: 9,
  batchSize: 40,
  classWeights: "balanced",
  augment: { transform: randomVerticalFlip() },
};
const FINE_TUNE: FindRateOptions["fineTune"] = { freezeTo: "features.3", labelSmoothing: 0.2 };

tensorTest("the first loss is that of training by the same method", async () => {
  for (const method of ["finetune", "lpft"] as const) {
    using model = await newModel();
    const { losses, rates } = await findRate(model, data, {
      ...SETTINGS,
      method,
      fineTune: FINE_TUNE,
      steps: 10,
      highest: 1e-3,
    });
    assert.deepEqual([losses.length, rates[0], rates.at(-1)], [10, 1e-7, 1e-3]);
    assert.equal(model.head, undefined, "the model was trained");
    let first: number | undefined;
    const onStep = ({ loss }: { loss: number }) => first ??= loss;
    await model.fit(data, {
      ...SETTINGS,
      method,
      validation: { size: 0 }, // LP-FT would begin with a trial on a part of the images
      epochs: 1,
      fineTune: { ...FINE_TUNE, onStep },
    });
    assert.equal(losses[0], first, method);
  }
});

tensorTest("a linear head's first loss is that of a linear head", async () => {
  using model = await newModel();
  const options = { randomState: 9, batchSize: 40 };
  const { losses } = await findRate(model, data, { ...options, method: "linear", steps: 10 });
  let first: number | undefined;
  await model.fit(data, {
    ...options,
    method: "linear",
    epochs: 1,
    onEpoch: ({ loss }) => first ??= loss,
  });
  // One batch of all pictures; features pass through batch norm folded here, unfolded there.
  assert.ok(Math.abs(losses[0] - first!) < 1e-4 * first!, `${losses[0]} ${first}`);
});

tensorTest(
  "an untrained layer learns: there is a suggestion, the same for the same seed",
  async () => {
    using model = await newModel();
    const options = { method: "linear", steps: 30, batchSize: 20 } as const;
    const first = await findRate(model, data, options);
    assert.ok(first.suggestion !== null && first.suggestion.steepest > 1e-6);
    assert.deepEqual(await findRate(model, data, options), first);
  },
);

tensorTest("what cannot be searched for is refused", async () => {
  using model = await newModel();
  const options = { method: "lpft", steps: 10 } as const;
  const cases: [() => Promise<unknown>, RegExp][] = [
    [
      () => findRate(model, data, { ...options, method: "probe" as typeof RATE_METHODS[number] }),
      /method is "probe", expected linear, finetune, lpft/,
    ],
    [() => findRate(model, data.subset([]), options), /it has no pictures/],
    [
      () => findRate(model, data, { ...options, method: "linear", fineTune: {} }),
      /fineTune belongs to "finetune", "lpft" and "auto"/,
    ],
    [
      () => findRate(model, data, { ...options, method: "linear", lowest: 20 }),
      /rates are 20 and 10/,
    ],
    [
      () =>
        findRate(model, data, { ...options, method: "finetune", fineTune: { freezeTo: "head" } }),
      /Cannot freeze to "head"/,
    ],
  ];
  for (const [work, message] of cases) {
    await assert.rejects(work(), (error) => {
      assert.ok(error instanceof UserError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});
