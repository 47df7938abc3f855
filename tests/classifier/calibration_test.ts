import assert from "node:assert/strict";
import type { Classifier } from "../../src/classifier/classifier.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample } from "../../src/data/sample.ts";
import { randomHorizontalFlip } from "../../src/data/transforms/flip.ts";
import { held } from "../held.ts";
import { logits, softmax } from "../../src/model/heads.ts";

/** Fast settings: the smallest input, a narrow stage, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
const drawn = drawSample({ rows: 500 });
/** Three kinds of garments are enough, and quick. */
const three = drawn.subset([...drawn.labels.keys()].filter((row) => drawn.labels[row] < 3))
  .withClasses(["t-shirt", "trouser", "pullover"]);
const { train, test } = three.split({ testSize: 50, stratify: true });
/** Stripes, as no garment is drawn. */
const strange = ImageDataset.fromPixels(
  new Uint8Array(3 * 784).map((_, i) => (i % 2) * 255),
  { shape: [28, 28, 1] },
);

let shared: Promise<Classifier> | undefined;
/** A probe, trained once for all tests that do not change it. */
function probe(): Promise<Classifier> {
  return shared ??= createClassifier(FAST).then(async (model) => {
    await model.fit(train);
    return model;
  });
}

const rejectsUser = (promise: Promise<unknown>, pattern: RegExp) =>
  assert.rejects(
    promise,
    (error) =>
      error instanceof UserError && pattern.test(error.message) && !/\n/.test(error.message),
  );

Deno.test("a probe is calibrated on what cross-validation held out, and answers by that", async () => {
  const model = await probe();
  const { temperature, ...told } = model.calibration!;
  assert.deepEqual([told.fittedOn, told.rows], ["out-of-fold", 100]);
  assert.ok(temperature > 0.02 && temperature < 50 && temperature !== 1, `${temperature}`);
  assert.equal(told.rejection!.score, "energy and distance");
  const features = await model.features(test);
  const scaled = logits(model.head!, features).map((logit) => logit / temperature);
  assert.deepEqual(await model.probabilities(test), softmax(scaled, 3));
  assert.ok(!("heldOut" in model.head!), "what was held out is kept with the head");
});

Deno.test("strange pictures are turned away on request, the usual ones seldom", async () => {
  const model = await probe();
  const plain = await model.predict(test);
  assert.ok(plain.every((answer) => answer.unknown === undefined && !("strangeness" in answer)));
  const answers = await model.predict(test, { reject: 0.1 });
  const turned = answers.filter(({ unknown }) => unknown).length;
  assert.ok(turned <= 12, `${turned} of 50`); // 5 expected; 12 with a chance below 1 in 500
  answers.forEach(({ label, probability, top, unknown, strangeness }, i) => {
    assert.equal(label, unknown ? "unknown" : plain[i].label);
    assert.equal(probability, plain[i].probability);
    assert.deepEqual(top, plain[i].top);
    assert.ok(strangeness! >= 0);
  });
  const others = await model.predict(strange, { reject: 0.1 });
  assert.deepEqual(
    others.map(({ label, unknown }) => [label, unknown]),
    Array(3).fill(["unknown", true]),
  );
  // Of other pictures, given one by one or with features of their own, the same.
  const images = await strange.images([0, 1, 2]);
  assert.deepEqual(await model.predict(images, { reject: 0.1 }), others);
  const features = await model.features(strange);
  assert.deepEqual(await model.predict(strange, { reject: 0.1, features }), others);
});

Deno.test("a class may be called unknown: whether a picture was turned away is told beside", async () => {
  const named = train.subset([...train.labels.keys()].filter((row) => train.labels[row] < 2));
  const images = await named.images([...named.labels.keys()]);
  const labels = [...named.labels].map((label) => label === 0 ? "unknown" : "shoe");
  const data = ImageDataset.fromImages(images, { labels });
  using model = await createClassifier(FAST);
  await model.fit(data);
  const answers = await model.predict(data, { reject: 0.05 });
  assert.ok(answers.some(({ label, unknown }) => label === "unknown" && !unknown));
});

Deno.test("a kept model keeps its calibration, and turns the same pictures away", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    const model = await probe();
    await model.save(path);
    using loaded = await loadClassifier(path);
    assert.deepEqual(loaded.calibration, model.calibration);
    const reject = 0.05;
    assert.deepEqual(
      await loaded.predict(strange, { reject }),
      await model.predict(strange, { reject }),
    );
    assert.deepEqual(await loaded.evaluate(test), await model.evaluate(test));
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a fine-tuned network is calibrated on what judged it", async () => {
  const tensors = held();
  {
    using model = await createClassifier(FAST);
    await model.fit(train, {
      method: "finetune",
      epochs: 1,
      batchSize: 30,
      validation: { data: test },
    });
    const { fittedOn, rows, temperature, eceAfter } = model.calibration!;
    assert.deepEqual([fittedOn, rows], ["validation", 50]);
    assert.ok(temperature > 0);
    // It is these very pictures that it was measured on.
    assert.ok(Math.abs((await model.evaluate(test)).ece - eceAfter!) < 1e-6);
    const [{ unknown }] = await model.predict(strange, { reject: 0.05 });
    assert.equal(typeof unknown, "boolean");
  }
  assert.ok(held() <= tensors + 1, "tensors are left"); // the backend's own
});

Deno.test("without pictures that were not learnt from there is no calibration, and that is said", async () => {
  using model = await createClassifier(FAST);
  assert.equal(model.calibration, undefined);
  await model.fit(train, { method: "linear", epochs: 1 });
  assert.equal(model.calibration, undefined);
  await rejectsUser(
    model.predict(test, { reject: 0.05 }),
    /^Cannot turn pictures away: the model was not calibrated; train it by probe/,
  );
  await model.fit(train, { method: "lpft", epochs: 1, batchSize: 50, validation: { size: 0 } });
  assert.equal(model.calibration, undefined);
  const calibrated = await probe();
  await rejectsUser(calibrated.predict(test, { reject: 0.9 }), /the rate is 0.9, expected/);
  await rejectsUser(calibrated.predict(test, { reject: 0.001 }), /calibrated on 100 pictures/);
});

Deno.test("a training that fails leaves a fine-tuned model as it was, its trunk, too", async () => {
  using model = await createClassifier(FAST);
  await model.fit(train, { method: "finetune", epochs: 1, batchSize: 50, validation: { size: 0 } });
  const expected = await model.probabilities(test);
  const { trunk } = model;
  await assert.rejects(model.fit(train, { signal: AbortSignal.abort() }));
  assert.equal(model.trunk, trunk);
  assert.deepEqual(await model.probabilities(test), expected);
});

Deno.test("views are no pictures of their own: the pictures alone tell", async () => {
  using model = await createClassifier(FAST);
  await model.fit(train, { augment: { transform: randomHorizontalFlip(), views: 1 } });
  assert.equal(model.calibration!.rows, 100);
});
