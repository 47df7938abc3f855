import assert from "node:assert/strict";
import { compareModels } from "../../src/classifier/compare_models.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample } from "../../src/data/sample.ts";

/** Fast settings: the smallest input, a narrow stage, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
const drawn = drawSample({ rows: 300 });
const two = drawn.subset(
  [...drawn.labels.keys()].filter((row) => [2, 4].includes(drawn.labels[row])),
)
  .withClasses(["pullover", "coat"]);
const { train, test } = two.split({ testSize: 30, stratify: true });

const rejectsUser = (promise: Promise<unknown>, pattern: RegExp) =>
  assert.rejects(promise, (error) => error instanceof UserError && pattern.test(error.message));

Deno.test("models are compared by class names, whatever their order", async () => {
  using a = await createClassifier(FAST);
  using b = await createClassifier({ ...FAST, classes: ["coat", "pullover"], stages: [1] });
  await rejectsUser(
    compareModels({ a, b }, test),
    /^Cannot compare: the first classifier was not trained/,
  );
  await a.fit(train);
  await b.fit(train);
  const { agreement, ...found } = await compareModels({ a, b }, test);
  const answers = await Promise.all([a, b].map((model) => model.predict(test)));
  const right = answers.map((of) =>
    of.map(({ label }, row) => label === test.classes[test.labels[row]])
  );
  const count = (wanted: (row: number) => boolean) => [...test.labels.keys()].filter(wanted).length;
  assert.equal(agreement.both, count((row) => right[0][row] && right[1][row]));
  assert.equal(agreement.onlyA, count((row) => right[0][row] && !right[1][row]));
  assert.equal(agreement.onlyB, count((row) => !right[0][row] && right[1][row]));
  assert.equal(found.a.n, 30);
  assert.deepEqual(found.a, (await a.evaluate(test)).accuracy);
  assert.deepEqual(found.b, (await b.evaluate(test)).accuracy);
  assert.ok(found.b.value > 0.5, `no better than the classes in the wrong order: ${found.b.value}`);

  const image = await test.image(0);
  await rejectsUser(compareModels({ a, b }, ImageDataset.fromImages([image])), /has no label/);
});
