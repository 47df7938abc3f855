import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";
import { held } from "../held.ts";
import type { Head } from "../../src/model/heads.ts";

const data = drawSample({ rows: 90 });
const { train, test } = data.split({ testSize: 30, stratify: true });
/** Fast settings: the smallest input, the first stages, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
const BRIEF = { epochs: 2, batchSize: 20 } as const;
/** Fine-tuned whatever comes of it: a random trunk gains nothing in two epochs. */
const ALL = { ...BRIEF, validation: { size: 0 } } as const;

Deno.test("LP-FT starts from the probe, changes the trunk and keeps nothing in memory", async () => {
  const model = await createClassifier(FAST);
  const checkpoint = model.trunk.weights;
  const first = "features.0.0.weight";
  let start: Head | undefined;
  const epochs: number[] = [];
  await model.fit(train, {
    method: "lpft",
    ...ALL,
    onEpoch: ({ epoch }) => epochs.push(epoch),
    fineTune: { onStart: (head) => start = head },
  });
  assert.equal(start?.kind, "probe");
  assert.equal(model.head?.kind, "finetuned");
  assert.deepEqual(epochs, [1, 2]);
  assert.deepEqual(model.head?.mean, start?.mean);
  assert.notDeepEqual(model.head?.weight, start?.weight);
  assert.notDeepEqual(
    model.trunk.weights.tensors.get(first)!.data,
    checkpoint.tensors.get(first)!.data,
  );
  assert.notEqual(model.trunk.weightsSha256, checkpoint.sha256);
  // What the features do not reach stays as it was.
  assert.deepEqual(
    model.trunk.weights.tensors.get("features.8.0.weight"),
    checkpoint.tensors.get("features.8.0.weight"),
  );
  const tensors = held();
  await model.evaluate(test);
  assert.equal(held(), tensors);
  model[Symbol.dispose]();
});

Deno.test("fine-tuning gives the same bits again, and another fit starts from the checkpoint", async () => {
  using model = await createClassifier(FAST);
  const options = { method: "finetune", ...BRIEF, randomState: 3 } as const;
  await model.fit(train, options);
  const [weights, head] = [model.trunk.weightsSha256, model.head];
  await model.fit(train, options);
  assert.equal(model.trunk.weightsSha256, weights);
  assert.deepEqual(model.head, head);
  await model.fit(train);
  using fresh = await createClassifier(FAST);
  assert.equal(model.trunk.weightsSha256, fresh.trunk.weightsSha256);
});

Deno.test("what is kept lies between the checkpoint and the trained weights", async () => {
  const name = "features.0.0.weight";
  const at = async (keepShare: number) => {
    using model = await createClassifier(FAST);
    await model.fit(train, { method: "lpft", ...ALL, fineTune: { keepShare } });
    return model.trunk.weights.tensors.get(name)!.data as Float32Array;
  };
  using model = await createClassifier(FAST);
  const from = model.trunk.weights.tensors.get(name)!.data as Float32Array;
  const [half, whole] = [await at(0.5), await at(1)];
  const off = half.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (from[i] + whole[i]) / 2)),
    0,
  );
  assert.ok(off < 1e-7, `${off}`);
  assert.notDeepEqual(half, whole);
});

Deno.test("freezing leaves what lies before as it is", async () => {
  using model = await createClassifier(FAST);
  const before = model.trunk.weights.tensors;
  await model.fit(train, {
    method: "lpft",
    ...ALL,
    fineTune: { freezeTo: "features.3", memory: "low" },
  });
  const after = model.trunk.weights.tensors;
  const changed = [...after.keys()].filter((name) =>
    (after.get(name)!.data as Float32Array).some((value, i) => value !== before.get(name)!.data[i])
  );
  assert.ok(changed.length > 0);
  assert.ok(changed.every((name) => name.startsWith("features.3.")), changed.join());
});

Deno.test("a fine-tuned model answers from its file as it did before, and cannot be kept without its trunk", async () => {
  const folder = await Deno.makeTempDir({ prefix: "graft_fine_tune_" });
  try {
    const path = `${folder}/model.safetensors`;
    using model = await createClassifier(FAST);
    await model.fit(train, { method: "lpft", ...ALL });
    await model.save(path);
    using loaded = await loadClassifier(path);
    assert.deepEqual(await loaded.predict(test), await model.predict(test));
    for (const one of [model, loaded]) {
      await assert.rejects(one.save(path, { trunk: "absent" }), UserError);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("options that fine-tuning cannot use are refused before anything is computed", async () => {
  using model = await createClassifier(FAST);
  const refused = async (options: Parameters<typeof model.fit>[1], message: RegExp) =>
    await assert.rejects(
      model.fit(train, options),
      (error) => error instanceof UserError && message.test(error.message),
    );
  await refused(
    { method: "probe", fineTune: {} },
    /fineTune belongs to "finetune", "lpft" and "auto"/,
  );
  await refused(
    { method: "probe", fineTune: { mix: { mixup: 0.2 } } },
    /"probe": mixed pictures belong to two classes at once, which only "finetune" and "lpft" learn from; leave/,
  );
  await refused({ method: "lpft", fineTune: { mix: { cutmix: -1 } } }, /cutmix -1/);
  await refused({ method: "lpft", fineTune: { keepShare: 0 } }, /keepShare is 0/);
  await refused({ method: "lpft", fineTune: { freezeTo: "block6" } }, /"block6": expected a stage/);
  await refused({ method: "lpft", epochs: 0 }, /epochs is 0/);
  assert.equal(model.head, undefined);
});
