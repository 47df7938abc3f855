import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import type { FitOptions } from "../../src/classifier/options.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";

/** Fast settings: the smallest input, a narrow stage, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;

/** Shirts (6) and T-shirts (0), which look alike, one of the first for nine of the others. */
const sample = drawSample({ rows: 600 });
const ofClass = (label: number, count: number) =>
  [...sample.labels.keys()].filter((row) => sample.labels[row] === label).slice(0, count);
const data = sample.subset([...ofClass(6, 5), ...ofClass(0, 45)]).withClasses(["t-shirt", "shirt"]);
const unseen = sample.subset(ofClass(6, 60).slice(5)).withClasses(["t-shirt", "shirt"]);

/** How likely the rare class is held to be where it is right, on average. */
async function shirtness(options: FitOptions): Promise<{ likely: number; told: unknown }> {
  using model = await createClassifier(FAST);
  await model.fit(data, options);
  const probabilities = await model.probabilities(unseen);
  const sum = Array.from(unseen.labels).reduce((sum, _, i) => sum + probabilities[i * 2 + 1], 0);
  return { likely: sum / unseen.length, told: model.head!.details.classWeights };
}

const METHODS: FitOptions[] = [
  { method: "probe" },
  { method: "linear", epochs: 20 },
  { method: "finetune", epochs: 4, batchSize: 25, learningRate: 0.01, validation: { size: 0 } },
  // At the default rate a random trunk is sure of either class after two steps.
  { method: "lpft", epochs: 1, batchSize: 25, learningRate: 1e-4, validation: { size: 0 } },
];

for (const options of METHODS) {
  Deno.test(`balanced weights make the rare class likelier under ${options.method}`, async () => {
    const plain = await shirtness(options);
    const balanced = await shirtness({ ...options, classWeights: "balanced" });
    assert.equal(plain.told, undefined);
    assert.equal(balanced.told, "0.555556 5");
    assert.ok(balanced.likely > 1.05 * plain.likely, `${balanced.likely} and ${plain.likely}`);
    const named = await shirtness({ ...options, classWeights: { shirt: 5, "t-shirt": 5 / 9 } });
    assert.equal(named.likely, balanced.likely);
  });
}

Deno.test("class weights that do not fit are refused before anything is computed", async () => {
  using model = await createClassifier({ ...FAST, imageSize: undefined });
  const refused = async (options: FitOptions, message: RegExp) =>
    await assert.rejects(
      model.fit(data, options),
      (error) => error instanceof UserError && message.test(error.message),
    );
  await refused(
    { classWeights: { shorts: 2 } },
    /"shorts" is none of the classes, .* "t-shirt", "shirt"/,
  );
  await refused({ classWeights: [1, 2, 3] }, /there are 3, expected 2/);
  await refused(
    { method: "lpft", fineTune: { classWeights: [1, 2] } as FitOptions["fineTune"] },
    /classWeights is among the options of fineTune/,
  );
  assert.equal(model.recipe, undefined, "pictures were looked at");
});
