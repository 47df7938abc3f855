// Learning from views: what is changed, what is not, and that it helps.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import type { Image } from "../../src/data/image.ts";
import { drawSample } from "../../src/data/sample.ts";
import { randomVerticalFlip, vflip } from "../../src/data/transforms/flip.ts";
import { parseTransform } from "../../src/data/transforms/parse.ts";
import type { Transform } from "../../src/data/transforms/transform.ts";

/** Fast settings: the smallest input, a narrow stage, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
const data = drawSample({ rows: 160 });
const { train, test } = data.split({ testSize: 40, stratify: true });
const keyOf = ({ data }: Image) => data.join();
const keys = async (set: ImageDataset) =>
  (await set.images(Array.from({ length: set.length }, (_, i) => i))).map(keyOf);

/** A transform that counts the pictures that it is given. */
function spy(): Transform & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  return {
    name: "spy",
    counts,
    apply(image, random) {
      const key = keyOf(image);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return randomVerticalFlip().apply(image, random);
    },
  };
}

Deno.test("only the pictures that are trained on are ever changed, each as often as asked for", async () => {
  const trained = await keys(train);
  for (const method of ["probe", "linear"] as const) {
    using model = await createClassifier(FAST);
    const transform = spy();
    const features = await model.features(train);
    await model.fit(train, { method, features, augment: { transform, views: 3 } });
    assert.deepEqual([...transform.counts.keys()].sort(), [...trained].sort());
    assert.deepEqual(new Set(transform.counts.values()), new Set([3]));
    transform.counts.clear();
    await model.evaluate(test);
    await model.predict(test);
    await model.features(train);
    assert.equal(transform.counts.size, 0, "a picture was changed that was not trained on");
    assert.deepEqual(
      [model.head?.details.augmentation, model.head?.details.views],
      ["spy", 3],
    );
  }
});

Deno.test("fine-tuning sees one view of each picture in each epoch, and no others", async () => {
  const trained = await keys(train);
  using model = await createClassifier(FAST);
  const transform = spy();
  await model.fit(train, {
    method: "lpft",
    epochs: 2,
    batchSize: 40,
    augment: { transform },
    validation: { data: test },
  });
  const viewed = [...transform.counts.keys()];
  assert.equal(viewed.length, trained.length, "more or fewer than those to learn from");
  assert.ok(viewed.every((key) => trained.includes(key)));
  assert.deepEqual(new Set(transform.counts.values()), new Set([2]));
  // The probe is saved, which has learnt from the pictures themselves.
  assert.equal(model.training?.method, "probe");
  assert.equal(model.head?.details.augmentation, undefined);
  transform.counts.clear();
  await model.evaluate(test);
  assert.equal(transform.counts.size, 0);
});

Deno.test("a transform takes the place of flips and shifts, unless they are asked for", async () => {
  const weightsOf = async (options: Parameters<typeof model.fit>[1]) => {
    await model.fit(train, { method: "finetune", epochs: 1, batchSize: 40, ...options });
    return model.trunk.weightsSha256;
  };
  using model = await createClassifier(FAST);
  const same: Transform = { name: "same", apply: (image) => image };
  const none = await weightsOf({ fineTune: { augmentation: null } });
  assert.equal(await weightsOf({ augment: { transform: same } }), none);
  assert.equal(model.head?.details.augmentation, "same");
  assert.notEqual(await weightsOf({}), none);
  assert.notEqual(await weightsOf({ augment: { transform: parseTransform("blur") } }), none);
});

Deno.test("the same seed gives the same head, known features or not; another seed another one", async () => {
  using model = await createClassifier(FAST);
  const fit = async (options: Parameters<typeof model.fit>[1]) => {
    const augment = { transform: parseTransform("flip,rotate=0:180"), views: 2 };
    await model.fit(train, { augment, ...options });
    return model.head!.weight;
  };
  const weight = await fit({});
  assert.deepEqual(await fit({}), weight);
  assert.deepEqual(await fit({ features: await model.features(train) }), weight);
  assert.notDeepEqual(await fit({ randomState: 6 }), weight);
  assert.notDeepEqual(await fit({ augment: undefined }), weight);
});

Deno.test("views help with pictures that look like them", async () => {
  const images = await test.images(Array.from({ length: test.length }, (_, i) => i));
  const { classes, labels } = test;
  const headOver = ImageDataset.fromImages(images.map(vflip), { labels, classes });
  using model = await createClassifier(FAST);
  await model.fit(train);
  const before = (await model.evaluate(headOver)).accuracy.value;
  await model.fit(train, { augment: { transform: randomVerticalFlip(), views: 4 } });
  const after = (await model.evaluate(headOver)).accuracy.value;
  assert.ok(after > before + 0.1, `head over, ${before} of them were known, with views ${after}`);
});

Deno.test("a kept classifier tells of its views", async () => {
  const folder = await Deno.makeTempDir({ prefix: "graft_classifier_" });
  try {
    using model = await createClassifier(FAST);
    const transform = parseTransform("blur,flip");
    await model.fit(train, { augment: { transform, views: 1 } });
    await model.save(`${folder}/model.safetensors`);
    using loaded = await loadClassifier(`${folder}/model.safetensors`);
    assert.deepEqual(loaded.head?.details, model.head?.details);
    assert.equal(loaded.head?.details.augmentation, transform.name);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("numbers of views that make no sense are refused", async () => {
  using model = await createClassifier(FAST);
  const transform = parseTransform("flip");
  await assert.rejects(
    model.fit(train, { method: "finetune", augment: { transform, views: 2 } }),
    (error: Error) => error instanceof UserError && /fine-tuning sees another/.test(error.message),
  );
  await assert.rejects(model.fit(train, { augment: { transform, views: 0 } }), UserError);
});
