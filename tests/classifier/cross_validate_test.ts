import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { crossValidate, type CrossValidateOptions } from "../../src/classifier/cross_validate.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample } from "../../src/data/sample.ts";
import { stratifiedKFold } from "../../src/data/split.ts";
import { held } from "../held.ts";

const data = drawSample({ rows: 100 });
/** Fast settings: the smallest input, the first stages, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;

Deno.test("each fold is answered for by a model that was trained on the others", async () => {
  using model = await createClassifier(FAST);
  const tensors = held();
  const scores = await crossValidate(model, data, { folds: 4, randomState: 3 });
  assert.equal(held(), tensors);
  assert.equal(model.head, undefined, "the model was trained");
  // The same by hand, by the classifier's own training.
  const folds = stratifiedKFold(data.labels, { folds: 4, randomState: 3 });
  const rowsOf = (wanted: (fold: number) => boolean) =>
    Int32Array.from(data.labels.keys()).filter((row) => wanted(folds[row]));
  for (let fold = 0; fold < 4; fold++) {
    await model.fit(data.subset(rowsOf((of) => of !== fold)), { randomState: 3 });
    const { accuracy } = await model.evaluate(data.subset(rowsOf((of) => of === fold)));
    // A fit chooses its strength by five folds of its own, and scales by its own rows: few answers may differ.
    assert.ok(Math.abs(scores.accuracies[fold] - accuracy.value) <= 0.081, `fold ${fold}`);
  }
  assert.deepEqual([scores.folds, scores.repeats, scores.accuracies.length], [4, 1, 4]);
});

Deno.test("labels that mean nothing are guessed no better than by chance", async () => {
  // A leak from the held-out pictures would show: there are more features than pictures.
  const labels = Array.from({ length: 100 }, (_, i) => (i * 7919) % 97 % 2);
  const shuffled = ImageDataset.fromImages(await data.images([...data.labels.keys()]), { labels });
  using model = await createClassifier({ ...FAST, stages: [5, 6, 8] });
  const { mean } = await crossValidate(model, shuffled);
  assert.ok(mean > 0.3 && mean < 0.7, `${mean}`);
});

Deno.test("rounds deal the folds anew, from known features, and tell how far they are", async () => {
  using model = await createClassifier(FAST);
  const features = await model.features(data);
  const done: number[] = [];
  const options: CrossValidateOptions = {
    folds: 3,
    repeats: 2,
    features,
    onProgress: (progress) => {
      assert.equal(progress.stage, "cross-validation");
      assert.equal(progress.total, 6);
      done.push(progress.done);
    },
  };
  const scores = await crossValidate(model, data, options);
  assert.deepEqual([...new Set(done)], [0, 3, 6]);
  assert.deepEqual([scores.folds, scores.repeats, scores.accuracies.length], [3, 2, 6]);
  const other = await crossValidate(model, data, { folds: 3, features, randomState: 6 });
  assert.deepEqual(other.accuracies, scores.accuracies.slice(3), "the next seed's folds");
});

Deno.test("fine-tuning and linear heads are cross-validated, too, from the checkpoint", async () => {
  using model = await createClassifier(FAST);
  const stages = new Set<string>();
  const options = { method: "lpft", folds: 2, epochs: 1, batchSize: 20 } as const;
  const scores = await crossValidate(model, data, {
    ...options,
    onProgress: ({ stage }) => stages.add(stage),
  });
  for (const fold of ["fold 1 of 2", "fold 2 of 2"]) {
    assert.ok(stages.has(`${fold}, trial 1 of 2, train`), [...stages].join("; "));
  }
  assert.equal(scores.accuracies.length, 2);
  await model.fit(data, { method: "finetune", epochs: 1, batchSize: 50 });
  const { head } = model;
  const tensors = held();
  assert.deepEqual(await crossValidate(model, data, options), scores);
  assert.equal(held(), tensors);
  assert.equal(model.head, head);
  const linear = await crossValidate(model, data, { method: "linear", folds: 2, epochs: 5 });
  assert.equal(linear.accuracies.length, 2);
});

Deno.test("a class with a single picture is never held out, and rare classes make fewer folds", async () => {
  using model = await createClassifier(FAST);
  const images = await data.images([0, 1, 2, 10, 11, 12, 20]);
  const few = ImageDataset.fromImages(images, { labels: ["a", "b", "a", "b", "a", "b", "c"] });
  const scores = await crossValidate(model, few);
  assert.deepEqual([scores.folds, scores.accuracies.length], [3, 3]);
  assert.ok(scores.accuracies.every((value) => Number.isInteger(value * 2)));
});

Deno.test("what cannot be cross-validated is refused before anything is computed", async () => {
  using model = await createClassifier(FAST);
  const onProgress = () => assert.fail("work began");
  const alone = ImageDataset.fromImages(await data.images([0, 1]), { labels: ["a", "b"] });
  const cases: [ImageDataset, CrossValidateOptions, RegExp][] = [
    [data, { folds: 1 }, /folds is 1, expected a whole number from 2/],
    [data, { repeats: 0 }, /repeats is 0, expected a whole number from 1/],
    [data, { method: "lpft", validation: { data } }, /pictures of its own; give a size/],
    [data, { method: "auto" as "probe" }, /leaves the choice/],
    [alone, {}, /every class has a single picture/],
  ];
  for (const [pictures, options, message] of cases) {
    await assert.rejects(
      crossValidate(model, pictures, { ...options, onProgress }),
      (error) => error instanceof UserError && message.test(error.message),
      `${message}`,
    );
  }
});
