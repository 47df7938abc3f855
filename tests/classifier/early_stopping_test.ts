import assert from "node:assert/strict";
import type { Classifier } from "../../src/classifier/classifier.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import type { FitOptions } from "../../src/classifier/options.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";
import { held } from "../held.ts";
import { evaluatePredictions, type Evaluation } from "../../src/evaluate/metrics.ts";
import { predictProbabilities } from "../../src/model/heads.ts";

const { train, test } = drawSample({ rows: 120 }).split({ testSize: 30, stratify: true });
/** Fast settings: the smallest input, the first stages, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
/** A rate that soon leads astray, so that a first epoch is the best. */
const TOO_FAST = { method: "finetune", learningRate: 0.3, batchSize: 18 } as const;

/** Epochs are judged by logits as they are. */
async function evaluateUncalibrated(model: Classifier): Promise<Evaluation> {
  const probabilities = predictProbabilities(model.head!, await model.features(test));
  return evaluatePredictions(probabilities, test.labels, test.classes);
}

Deno.test("a part of the pictures judges each epoch as they are, and the best weights are kept", async () => {
  using model = await createClassifier(FAST);
  // Weights as they were trained, not between these and the checkpoint's: their loss must be that of the best epoch.
  const options: FitOptions = {
    method: "finetune",
    learningRate: 0.02,
    epochs: 6,
    batchSize: 18,
    fineTune: { keepShare: 1 },
    validation: { data: test },
    earlyStopping: { patience: Infinity },
  };
  await model.fit(train, options);
  const { epochs, bestEpoch, stoppedEarly, validation } = model.training!;
  assert.deepEqual([epochs.length, stoppedEarly], [6, false]);
  assert.deepEqual(validation, { rows: 30, part: "validation" });
  const losses = epochs.map((epoch) => epoch.validation!.loss);
  assert.equal(losses.indexOf(Math.min(...losses)) + 1, bestEpoch);
  const { logLoss, accuracy } = await evaluateUncalibrated(model);
  assert.ok(
    Math.abs(logLoss - losses[bestEpoch! - 1]) < 1e-3,
    `${logLoss}, epoch ${bestEpoch} of ${losses}`,
  );
  assert.equal(accuracy.value, epochs[bestEpoch! - 1].validation!.accuracy);

  await model.fit(train, { ...options, earlyStopping: { restoreBest: false } });
  const last = await evaluateUncalibrated(model);
  assert.ok(Math.abs(last.logLoss - losses[5]) < 1e-3, `${last.logLoss}, last of ${losses}`);
});

Deno.test("training stops when patience is at its end, and is no worse than its last epoch", async () => {
  using model = await createClassifier(FAST);
  const run = async (earlyStopping: FitOptions["earlyStopping"]) => {
    await model.fit(train, {
      ...TOO_FAST,
      epochs: 30,
      fineTune: { schedule: { kind: "constant" }, keepShare: 1, maxLoss: 1e30 },
      validation: { data: test },
      earlyStopping: { ...earlyStopping, coolDown: 0, monitor: "accuracy" },
    });
    return { training: model.training!, evaluation: await model.evaluate(test) };
  };
  const best = await run({ patience: 3 });
  const { epochs, bestEpoch, stoppedEarly, validation } = best.training;
  assert.deepEqual([stoppedEarly, epochs.length], [true, bestEpoch! + 3]);
  assert.deepEqual(validation, { rows: 30, part: "validation" });
  const last = await run({ patience: 3, restoreBest: false });
  assert.deepEqual(last.training.epochs, epochs);
  assert.equal(
    best.evaluation.accuracy.value,
    Math.max(...epochs.map((epoch) => epoch.validation!.accuracy)),
  );
  assert.equal(last.evaluation.accuracy.value, epochs.at(-1)!.validation!.accuracy);
  assert.notDeepEqual(best.evaluation, last.evaluation);
});

Deno.test("without validation all pictures are learnt from and the last weights kept", async () => {
  using model = await createClassifier(FAST);
  await model.fit(train, { method: "lpft", epochs: 2, batchSize: 30, validation: { size: 0 } });
  const { epochs, bestEpoch, validation } = model.training!;
  assert.deepEqual([epochs.length, bestEpoch, validation], [2, undefined, null]);
  assert.ok(epochs.every((epoch) => epoch.validation === undefined));
  assert.equal(model.head!.details.steps, 6);
});

Deno.test("batch norm that goes by the batch is validated in eval mode, and learns no other way for it", async () => {
  using model = await createClassifier(FAST);
  const options: FitOptions = {
    method: "finetune",
    epochs: 2,
    batchSize: 30,
    fineTune: { batchNorm: "batch", keepShare: 1 },
    earlyStopping: { restoreBest: false },
  };
  const tensors = held();
  await model.fit(train, { ...options, validation: { data: test } });
  const judged = model.training!;
  const { accuracy, logLoss } = await evaluateUncalibrated(model);
  assert.equal(judged.epochs[1].validation!.accuracy, accuracy.value);
  assert.ok(Math.abs(judged.epochs[1].validation!.loss - logLoss) < 1e-3);
  await model.fit(train, { ...options, earlyStopping: undefined, validation: { size: 0 } });
  assert.deepEqual(
    model.training!.epochs.map(({ loss }) => loss),
    judged.epochs.map(({ loss }) => loss),
  );
  assert.equal(held(), tensors);
});

Deno.test("a gentle stop keeps the best epoch so far; before the first there is nothing to keep", async () => {
  using model = await createClassifier(FAST);
  const stop = new AbortController();
  const reason = new Error("enough");
  const epochs: number[] = [];
  await model.fit(train, {
    method: "finetune",
    epochs: 50,
    batchSize: 18,
    stop: stop.signal,
    onEpoch: ({ epoch }) => epochs.push(epoch) === 2 && stop.abort(reason),
  });
  const { training } = model;
  assert.deepEqual([epochs, training!.epochs.length, training!.stoppedEarly], [[1, 2], 2, true]);
  assert.ok(training!.bestEpoch! <= 2);
  const head = model.head;
  await assert.rejects(
    model.fit(train, { method: "lpft", epochs: 50, stop: AbortSignal.abort(reason) }),
    reason,
  );
  const early = new AbortController();
  await assert.rejects(
    model.fit(train, {
      method: "lpft",
      epochs: 50,
      batchSize: 18,
      stop: early.signal,
      onProgress: ({ stage, done }) => stage === "train" && done === 2 && early.abort(reason),
    }),
    reason,
  );
  assert.equal(model.head, head, "a training that came to nothing changed the model");
});

Deno.test("the test part may judge when it is asked to, and the file says so", async () => {
  using model = await createClassifier(FAST);
  const validation = { data: test, part: "test" } as const;
  await model.fit(train, { method: "finetune", epochs: 1, batchSize: 30, validation });
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await model.save(path);
    using loaded = await loadClassifier(path);
    assert.deepEqual(loaded.training!.validation, { rows: 30, part: "test" });
    assert.deepEqual(loaded.training, model.training);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("options of validation are refused where they contradict each other", async () => {
  using model = await createClassifier(FAST);
  const cases: [FitOptions, RegExp][] = [
    [{ validation: { size: 9 } }, /validation belongs to "finetune", "lpft" and "auto"/],
    [
      { method: "linear", earlyStopping: {} },
      /earlyStopping belongs to "finetune", "lpft" and "auto"/,
    ],
    [
      { method: "lpft", earlyStopping: {}, validation: { size: 0 } },
      /nothing judges the epochs/,
    ],
    [{ method: "lpft", validation: { size: 9, data: test } }, /both data and a size/],
    [{ method: "lpft", validation: { size: 3 } }, /Cannot keep 3 of the 90 pictures/],
    [{ method: "lpft", earlyStopping: { patience: 0 } }, /patience is 0/],
    [
      { method: "lpft", fineTune: { keep: "best" } as FitOptions["fineTune"] },
      /keep is among the options of fineTune; give earlyStopping beside them/,
    ],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(
      model.fit(train, options),
      (error) => error instanceof UserError && message.test(error.message),
      `${message}`,
    );
  }
});
