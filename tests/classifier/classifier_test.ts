import assert from "node:assert/strict";
import { startBackend, stopBackend } from "../../src/backend/mod.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import type { Classifier } from "../../src/classifier/classifier.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { UserError } from "../../src/core/errors.ts";
import type { Progress } from "../../src/core/progress.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample } from "../../src/data/sample.ts";
import { held } from "../held.ts";
import { randomWeights } from "../../src/model/random_weights.ts";

/** Fast settings: the smallest input, a narrow stage, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
const data = drawSample({ rows: 200 });
const { train, test } = data.split({ testSize: 50, stratify: true });

/** A folder for one test. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "graft_classifier_" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function trained(): Promise<Classifier> {
  const model = await createClassifier(FAST);
  await model.fit(train);
  return model;
}

function rejectsUser(work: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("a classifier learns, is scored and answers with class names", async () => {
  using model = await trained();
  assert.deepEqual(model.classes, data.classes);
  assert.equal(model.head?.kind, "probe");
  const { accuracy, classes, confusion } = await model.evaluate(test);
  assert.equal(accuracy.n, 50);
  assert.ok(accuracy.value > 0.3, `hardly better than guessing: ${accuracy.value}`);
  assert.deepEqual(classes, data.classes);
  const predictions = await model.predict(test, { top: 2 });
  const hits = predictions.filter(({ label }, i) => label === data.classes[test.labels[i]]).length;
  assert.equal(hits, confusion.reduce((sum, row, i) => sum + row[i], 0));
  assert.ok(predictions.every(({ top, label }) => top.length === 2 && top[0].label === label));
  const [alone] = await model.predict([await test.image(0)], { top: 2 });
  assert.deepEqual(alone, predictions[0]);
});

Deno.test("a classifier tells how it was trained, also when it was loaded", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/model.safetensors`;
    using model = await createClassifier(FAST);
    assert.deepEqual([model.training], [undefined]);
    await model.fit(train, { method: "linear", epochs: 2, learningRate: 0.01 });
    const { training } = model;
    assert.deepEqual(
      [training?.method, training?.epochs.map(({ epoch }) => epoch), training?.validation],
      ["linear", [1, 2], null],
    );
    assert.ok(training!.epochs.every(({ learningRate }) => learningRate === 0.01));
    assert.ok(training!.seconds > 0);
    await model.save(path, { command: ["train", "clothes.csv"] });
    using loaded = await loadClassifier(path);
    assert.deepEqual(loaded.training, { ...training, command: ["train", "clothes.csv"] });
    await model.fit(train);
    assert.deepEqual([model.training?.method, model.training?.epochs], ["probe", []]);
  });
});

Deno.test("a linear head learns, too, and tells of each epoch", async () => {
  using model = await createClassifier(FAST);
  const epochs: number[] = [];
  await model.fit(train, {
    method: "linear",
    epochs: 3,
    learningRate: 0.01,
    batchSize: 50,
    onEpoch: ({ epoch }) => epochs.push(epoch),
  });
  assert.deepEqual(epochs, [1, 2, 3]);
  assert.equal(model.head?.kind, "linear");
});

Deno.test("a kept classifier answers with the same bits when it is loaded", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/model.safetensors`;
    using model = await trained();
    const evaluation = await model.evaluate(test);
    await model.save(path, { evaluation });
    const expected = await model.probabilities(test);
    using fromPath = await loadClassifier(path);
    assert.deepEqual(await fromPath.probabilities(test), expected);
    assert.deepEqual(fromPath.recipe, model.recipe);
    using fromBytes = await loadClassifier(await Deno.readFile(path));
    assert.deepEqual(await fromBytes.probabilities(test), expected);
    // Kept again, it still tells how it was made.
    await fromPath.save(`${folder}/again.safetensors`);
    assert.deepEqual(
      await Deno.readFile(`${folder}/again.safetensors`),
      await Deno.readFile(path),
    );
  });
});

Deno.test("a model kept without its trunk needs those very weights", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/head.safetensors`;
    using model = await trained();
    await model.save(path, { trunk: "absent" });
    assert.ok((await Deno.stat(path)).size < 20_000);
    const expected = await model.probabilities(test);
    using loaded = await loadClassifier(path, { weights: "random" });
    assert.deepEqual(await loaded.probabilities(test), expected);
    await rejectsUser(loadClassifier(path), /holds the head only; give the weights/);
    const others = await randomWeights(6);
    await rejectsUser(
      loadClassifier(path, { weights: others }),
      /was trained on torchvision weights/,
    );
    await model.save(path);
    await rejectsUser(loadClassifier(path, { weights: "random" }), /leave out the weights/);
  });
});

Deno.test("a model that was rounded is not kept without its trunk, which no checkpoint is", async () => {
  using model = await trained();
  using rounded = await loadClassifier(await model.toBytes({ dtype: "int8" }));
  await rejectsUser(
    rounded.toBytes({ trunk: "absent" }),
    /^Cannot save the head only: the trunk was rounded to int8/,
  );
  assert.deepEqual((await rounded.toBytes()).length, (await model.toBytes()).length);
});

Deno.test("features that are computed once serve training and scoring", async () => {
  using model = await createClassifier(FAST);
  const features = await model.features(train);
  assert.deepEqual([features.rows, features.columns], [150, 40]);
  const stages: string[] = [];
  const onProgress = ({ stage }: Progress) => void stages.push(stage);
  await model.fit(train, { features, onProgress });
  assert.ok(stages.length > 0 && !stages.includes("features"), stages.join());
  await assert.rejects(model.evaluate(test, { features }), /have 150 rows, .* has 50/);
});

Deno.test("a features file is used the second time, and refused for other data", async () => {
  await inFolder(async (folder) => {
    const featuresCache = `${folder}/features.safetensors`;
    using model = await createClassifier(FAST);
    await model.fit(train, { featuresCache });
    const first = model.head!.weight;
    await model.fit(train, { featuresCache });
    assert.deepEqual(model.head!.weight, first);
    await rejectsUser(model.fit(data, { featuresCache }), /belong to other data/);
  });
});

Deno.test("nothing is left in the backend's memory", async () => {
  const before = await trained().then((model) => (model[Symbol.dispose](), held()));
  {
    using model = await trained();
    await model.evaluate(test);
    await model.predict(test);
  }
  assert.equal(held(), before);
});

Deno.test("classes fixed beforehand keep their order, and others are refused", async () => {
  const classes = [...data.classes].reverse();
  using model = await createClassifier({ ...FAST, classes });
  await model.fit(train);
  assert.deepEqual(model.classes, classes);
  const other = ImageDataset.fromImages([await data.image(0)], { labels: ["hat"] });
  await rejectsUser(model.evaluate(other), /class "hat" is not among the known ones/);
  using narrow = await createClassifier({ ...FAST, classes: ["t-shirt", "trouser"] });
  await rejectsUser(narrow.fit(train), /is not among the known ones/);
});

Deno.test("what cannot be learnt from is refused before any feature is computed", async () => {
  using model = await createClassifier(FAST);
  const onProgress = () => assert.fail("work began");
  const rows = (wanted: (label: number) => boolean) =>
    data.subset([...data.labels.keys()].filter((row) => wanted(data.labels[row])));
  const cases: [ImageDataset, RegExp][] = [
    [
      rows((label) => label === 3),
      /all 20 pictures are of class "dress", expected at least 2 classes/,
    ],
    [rows((label) => label !== 3), /class "dress" has no picture to learn from/],
    [data.subset([]), /it has no pictures/],
    [ImageDataset.fromImages([await data.image(0)]), /picture 1 of 1 has no label/],
  ];
  for (const [wrong, message] of cases) {
    await rejectsUser(model.fit(wrong, { onProgress }), message);
  }
});

Deno.test("options that do not fit are refused", async () => {
  await rejectsUser(
    createClassifier({ ...FAST, imageSize: 27 }),
    /imageSize is 27, expected a whole/,
  );
  await rejectsUser(createClassifier({ ...FAST, stages: [9] }), /Cannot use stages 9/);
  await rejectsUser(createClassifier({ weights: "imagenett" }), /known are "imagenet"/);
  using model = await createClassifier(FAST);
  await rejectsUser(model.fit(train, { epochs: 3 }), /epochs belong to method "linear"/);
  await rejectsUser(model.predict(test), /was not trained; call fit\(\) first/);
  await rejectsUser(model.evaluate(test), /was not trained/);
  await rejectsUser(model.save("x.safetensors"), /was not trained/);
});

Deno.test("a number of classes to name that is none is refused", async () => {
  using model = await trained();
  const one = data.subset([0]);
  for (const top of [NaN, 0, -1, 2.5]) {
    await assert.rejects(model.predict(one, { top }), {
      name: "UserError",
      message: `Cannot predict: top is ${top}, expected a whole number from 1`,
    });
  }
  assert.equal((await model.predict(one, { top: Infinity }))[0].top.length, 10);
});

Deno.test("after the backend was stopped a classifier says so, also when it runs again", async () => {
  using model = await trained();
  const said = (action: string) => ({
    name: "UserError",
    message:
      `Cannot ${action}: the backend was stopped, and the network's memory with it; create it again`,
  });
  stopBackend();
  await assert.rejects(model.predict(data), said("extract features"));
  await assert.rejects(model.evaluate(data), said("extract features"));
  await assert.rejects(model.fit(data), said("train"));
  await startBackend();
  await assert.rejects(model.predict(data), said("extract features"));
  await assert.rejects(model.fit(data), said("train"));
});

Deno.test("training stops when it is told to", async () => {
  using model = await createClassifier(FAST);
  const controller = new AbortController();
  const reason = new Error("enough");
  const onProgress = () => controller.abort(reason);
  await assert.rejects(model.fit(train, { onProgress, signal: controller.signal }), reason);
  assert.equal(model.head, undefined);
});

Deno.test("a second fit starts anew: size and classes are those of its data", async () => {
  using model = await createClassifier({ weights: "random", stages: [2] });
  const pictures = (side: number, classes: string[]) =>
    ImageDataset.fromPixels(new Uint8Array(8 * side * side).map((_, i) => (i * 37) % 251), {
      shape: [side, side, 1],
      labels: Int32Array.from([0, 1, 0, 1, 0, 1, 0, 1]),
      classes,
    });
  await model.fit(pictures(28, ["a", "b"]));
  assert.equal(model.recipe?.size, 84);
  await assert.rejects(model.fit(pictures(64, ["p", "q"]), { signal: AbortSignal.abort() }));
  assert.deepEqual([model.recipe?.size, model.classes], [84, ["a", "b"]]);
  await model.fit(pictures(40, ["p", "q"]));
  assert.deepEqual([model.recipe?.size, model.classes], [120, ["p", "q"]]);
});

Deno.test("an option that is none of its choices is refused, not replaced", async () => {
  using model = await createClassifier(FAST);
  await rejectsUser(
    model.fit(train, { method: "svm" as "probe" }),
    /method is "svm", expected "auto", "probe"/,
  );
  const stretch = createClassifier({ ...FAST, fit: "stretch" as "whole" });
  await rejectsUser(stretch, /fit is "stretch", expected "whole" or "crop"/);
  const huge = createClassifier({ ...FAST, imageSize: 100_000 });
  await rejectsUser(huge, /imageSize is 100000, expected a whole number from 28 to 1024/);
});
