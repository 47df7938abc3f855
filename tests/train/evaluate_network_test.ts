import assert from "node:assert/strict";
import { evaluateNetwork } from "../../src/train/evaluate_network.ts";
import { crossEntropy } from "../../src/train/loss.ts";
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";

const CLASSES = 3;
const newPictures = () => fakePictures({ length: 11, classes: CLASSES });
const newNetwork = () =>
  fakeNetwork({ classes: CLASSES, policy: () => ({ trainable: true, batchNorm: "running" }) });

Deno.test("loss and accuracy are those of all pictures at once, whatever the batches", async () => {
  const network = fakeNetwork({
    classes: CLASSES,
    batchSize: 11,
    policy: () => ({ trainable: true, batchNorm: "running" }),
  });
  const pictures = newPictures();
  using all = pictures.batch(Int32Array.from(pictures.labels.keys()), 1) as Disposable & {
    images: Parameters<typeof network.forward>[0];
  };
  const { loss, correct } = crossEntropy(network.forward(all.images, "none"), pictures.labels, {
    classes: CLASSES,
  });
  for (const batchSize of [1, 4, 11, undefined]) {
    const score = await evaluateNetwork(network, pictures, { batchSize });
    assert.ok(Math.abs(score.loss - loss) < 1e-6, `${score.loss} ${loss}`);
    assert.deepEqual([score.correct, score.rows, score.accuracy], [correct, 11, correct / 11]);
  }
});

Deno.test("nothing is learnt, no batch is left, and each picture is shown once as in epoch 1", async () => {
  const network = newNetwork();
  const pictures = newPictures();
  const before = network.entries.map(({ name }) => network.read(name));
  await evaluateNetwork(network, pictures);
  assert.deepEqual(network.entries.map(({ name }) => network.read(name)), before);
  assert.deepEqual(pictures.asked.flatMap(({ indices }) => indices), [...Array(11).keys()]);
  assert.ok(pictures.asked.every(({ epoch }) => epoch === 1));
  assert.equal(pictures.open(), 0);
});

Deno.test("it stops when it is told to, and refuses no pictures", async () => {
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  const { signal } = controller;
  await assert.rejects(evaluateNetwork(newNetwork(), newPictures(), { signal }), /enough/);
  const none = { ...newPictures(), length: 0, labels: new Int32Array(0) };
  await assert.rejects(evaluateNetwork(newNetwork(), none), /there are no pictures/);
});
