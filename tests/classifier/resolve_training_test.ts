// Options of a training are checked and resolved once, at the door of `fit`.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { BESIDE_FINE_TUNE } from "../../src/classifier/fine_tune_options.ts";
import type { FitOptions } from "../../src/classifier/options.ts";
import { resolveTraining } from "../../src/classifier/resolve_training.ts";
import { roughTuningTime } from "../../src/classifier/tuning_time.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";
import { randomHorizontalFlip } from "../../src/data/transforms/flip.ts";

const data = drawSample({ rows: 60 });
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;

/** What a training comes to, without what is `undefined`. */
function resolved(options: FitOptions) {
  return JSON.parse(JSON.stringify(resolveTraining(options, data)));
}

Deno.test("an option that is not about fine-tuning alone is refused among those of fine-tuning", async () => {
  using model = await createClassifier(FAST);
  for (const [name, place] of Object.entries(BESIDE_FINE_TUNE)) {
    const fineTune = { [name]: 7 } as FitOptions["fineTune"];
    await assert.rejects(
      model.fit(data, { method: "lpft", fineTune }),
      (error) =>
        error instanceof UserError &&
        error.message.includes(`${name} is among the options of fineTune; give ${place} beside`),
      name,
    );
  }
  assert.equal(model.head, undefined);
});

Deno.test("the time that auto estimates is that of the epochs it would run", async () => {
  using model = await createClassifier(FAST);
  const inputs = { weights: model.checkpoint, data, recipe: model.recipeFor(data) };
  const training = resolveTraining({ method: "auto", epochs: 3 }, data);
  assert.ok(training.kind === "auto" && training.finetune.epochs === 3);
  const [few, many] = [training.finetune, { epochs: 1200 }]
    .map((options) => roughTuningTime(inputs, options).seconds);
  assert.ok(many > 40 * few, `${few} s, and ${many} s for 400 times the epochs`);
});

Deno.test("every default is filled in, whatever is given as undefined", () => {
  assert.deepEqual(resolved({}), { kind: "probe", randomState: 5 });
  const linear = {
    kind: "linear",
    randomState: 5,
    epochs: 100,
    learningRate: 0.001,
    batchSize: 100,
  };
  assert.deepEqual(resolved({ method: "linear" }), linear);
  assert.deepEqual(
    resolved({ method: "linear", epochs: undefined, learningRate: 0.1, randomState: 9 }),
    { ...linear, learningRate: 0.1, randomState: 9 },
  );
  const finetune = {
    ...{ kind: "finetune", init: "zeros", comparison: "none", isAutomatic: false, randomState: 5 },
    ...{ epochs: 12, learningRate: 0.001, batchSize: 32, layerDecay: 1, maxNorm: 1 },
    ...{ labelSmoothing: 0.1, batchNorm: "running", stochasticDepth: 0.1, keepShare: 0.75 },
    schedule: { kind: "cosine", warmup: 0.1 },
    stopping: { monitor: "loss", patience: 10, minDelta: 0, coolDown: 4, restoreBest: true },
    validation: {},
    probe: { kind: "probe", randomState: 5 },
    trials: [
      { learningRate: 0.001, epochs: 9, epochsAfter: 8 },
      { learningRate: 0.0003, epochs: 5, epochsAfter: 4 },
    ],
  };
  assert.deepEqual(resolved({ method: "finetune", fineTune: { layerDecay: undefined } }), finetune);
  const lpft = { ...finetune, init: "probe", comparison: "trials", keepShare: 0.65 };
  assert.deepEqual(resolved({ method: "lpft" }), lpft);
  assert.deepEqual(resolved({ method: "auto" }), {
    kind: "auto",
    budgetSeconds: 60,
    probe: lpft.probe,
    finetune: { ...lpft, isAutomatic: true },
  });
});

Deno.test("what is given decides how fine-tuning is compared with its probe", () => {
  const of = (options: FitOptions) => {
    const { comparison, trials } = resolved({ method: "lpft", ...options });
    return [comparison, ...trials.map(({ epochs }: { epochs: number }) => epochs)];
  };
  assert.deepEqual(of({}), ["trials", 9, 5]);
  assert.deepEqual(of({ learningRate: 0.01 }), ["trials", 9]);
  assert.deepEqual(of({ epochs: 24 }), ["trials", 18, 10]);
  assert.equal(of({ epochs: 25 })[0], "validation");
  assert.equal(of({ validation: { size: 10 } })[0], "validation");
  assert.equal(of({ earlyStopping: {} })[0], "validation");
  assert.equal(of({ validation: { size: 0 } })[0], "none");
  const auto = resolved({ method: "auto", validation: { size: 0 } });
  assert.equal(auto.finetune.comparison, "trials");
});

Deno.test("augmented views are for a head; fine-tuning and its probe see others", () => {
  const augment = { transform: randomHorizontalFlip() };
  const probe = resolveTraining({ augment }, data);
  assert.ok(probe.kind === "probe" && probe.views?.views === 4);
  const lpft = resolveTraining({ method: "lpft", augment }, data);
  assert.ok(lpft.kind === "finetune" && lpft.transform === augment.transform);
  assert.equal(lpft.probe.views, undefined);
  const auto = resolveTraining({ method: "auto", augment }, data);
  assert.ok(auto.kind === "auto" && auto.probe.views?.views === 4);
  assert.equal(auto.finetune.transform, augment.transform);
});
