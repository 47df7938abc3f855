// Heatmaps against PyTorch's hooks, by the way that users go: bytes of pictures, a classifier, gradCam().
import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { buildClassifier } from "../../src/classifier/build.ts";
import type { Classifier } from "../../src/classifier/classifier.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { UserError } from "../../src/core/errors.ts";
import { RandomState } from "../../src/core/random.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample } from "../../src/data/sample.ts";
import { held } from "../held.ts";
import { gradCam, type GradCamOptions, gradCamStage } from "../../src/insight/grad_cam.ts";
import { logits } from "../../src/model/heads.ts";
import { stageChannels } from "../../src/model/stages.ts";
import type { Variant } from "../../src/weights/variants.ts";
import { decodeFloats, randomB0Tensors } from "../model/random_b0_weights.ts";

interface Case {
  readonly variant: Variant;
  readonly size: number;
  readonly stages: readonly number[];
  readonly standardised: boolean;
  readonly targets: readonly number[];
  readonly logits: string;
  readonly maps: Readonly<
    Record<
      string,
      {
        readonly height: number;
        readonly width: number;
        readonly values: string;
      }
    >
  >;
}

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/grad_cam.json", import.meta.url)),
) as {
  readonly seeds: Readonly<Record<"weight" | "pixel" | "head", number>>;
  readonly images: number;
  readonly classes: number;
  readonly cases: readonly Case[];
};
const { seeds, images, classes } = fixture;
const tensors = randomB0Tensors(seeds.weight);
const names = Array.from({ length: classes }, (_, k) => `class ${k}`);

/** Twin of `draw` in make_grad_cam.py. */
async function drawn(
  { variant, size, stages, standardised }: Case,
): Promise<{ model: Classifier; data: ImageDataset }> {
  const columns = stages.reduce((sum, stage) => sum + stageChannels(stage), 0);
  const random = new RandomState(seeds.head);
  const uniform = (length: number, low: number, high: number) =>
    Float32Array.from({ length }, () => low + (high - low) * random.randomDouble());
  const weight = uniform(columns * classes, -0.1, 0.1);
  const bias = uniform(classes, -0.5, 0.5);
  const mean = uniform(columns, -0.5, 0.5), scale = uniform(columns, 0.5, 1.5);
  const head = {
    kind: "probe" as const,
    weight,
    bias,
    ...(standardised && { mean, scale }),
    classes,
    columns,
    details: {},
  };
  const pixels = new RandomState(seeds.pixel + size);
  const bytes = Uint8Array.from(
    { length: images * size * size * 3 },
    () => Math.floor(256 * pixels.randomDouble()),
  );
  return {
    model: await buildClassifier(
      { tensors, variant, sha256: "0".repeat(64), source: "drawn", notes: [] },
      2,
      {
        classes: names,
        imageSize: size,
        stages,
        trained: { head, seed: 5, split: null, metrics: null, training: null, calibration: null },
      },
    ),
    data: ImageDataset.fromPixels(bytes, { shape: [size, size, 3] }),
  };
}

function furthest(found: Float32Array, expected: Float32Array): number {
  assert.equal(found.length, expected.length);
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i])), 0);
}

// The backend's threads outlive the test that happened to start them.
const outlives = { sanitizeOps: false, sanitizeResources: false };

for (const one of fixture.cases) {
  const { variant, size, stages } = one;
  Deno.test({
    name: `heatmaps equal PyTorch's: ${variant}, ${size} px, head on stages ${stages.join(", ")}`,
    ...outlives,
    async fn() {
      await startBackend({ threads: 2 });
      const before = held();
      const { model, data } = await drawn(one);
      using _ = model;
      const expectedLogits = decodeFloats(one.logits);
      const found = logits(model.head!, await model.features(data));
      // Logits go up to 110.
      assert.ok(furthest(found, expectedLogits) < 1e-3, "the things drawn differ");
      for (const [stage, expected] of Object.entries(one.maps)) {
        const maps = await gradCam(model, data, { target: one.targets, stage: Number(stage) });
        assert.deepEqual(maps.map(({ row, target }) => [row, target]), [
          ...one.targets.map((target, row) => [row, target]),
        ]);
        const { height, width } = expected;
        assert.ok(maps.every((map) => map.height === height && map.width === width));
        const values = Float32Array.from(maps.flatMap((map) => [...map.values]));
        // torch's own float32 is off by up to 4e-5.
        const off = furthest(values, decodeFloats(expected.values));
        assert.ok(off < 1e-3, `stage ${stage} is off by ${off}`);
      }
      assert.equal(held(), before);
    },
  });
}

/** A trained classifier that takes no time to run, and its data. */
async function small(): Promise<{ model: Classifier; data: ImageDataset }> {
  const data = drawSample({ rows: 40 });
  const model = await createClassifier({ weights: "random", imageSize: 32, stages: [3, 4] });
  await model.fit(data, { method: "linear", epochs: 2 });
  return { model, data };
}

Deno.test({
  name:
    "pictures in memory and rows of a data set have the same heatmaps, of the answer unless another class is asked for",
  ...outlives,
  async fn() {
    const { model, data } = await small();
    using _ = model;
    const rows = Array.from({ length: 20 }, (_, i) => i); // more than pass at once
    const images = await data.images(rows);
    const seen: number[] = [];
    const maps = await gradCam(model, data.subset(rows), {
      onProgress: ({ done, total }) => seen.push(done, total!),
    });
    assert.deepEqual(seen, [16, 20, 20, 20]);
    assert.deepEqual(await gradCam(model, images), maps);
    const answers = (await model.predict(images)).map(({ label }) => data.classes.indexOf(label));
    assert.deepEqual(maps.map(({ target }) => target), answers);
    assert.deepEqual(maps.map(({ row }) => row), rows);
    for (const { stage, height, width, values } of maps) {
      assert.deepEqual([stage, height, width, values.length], [2, 8, 8, 64]);
      assert.ok(values.every((value) => value >= 0 && value <= 1));
    }
    const ofLabels = await gradCam(model, data.subset(rows), { target: "label" });
    assert.deepEqual(ofLabels.map(({ target }) => target), [...data.labels.subarray(0, 20)]);
    const ofThree = await gradCam(model, images, { target: 3 });
    assert.ok(ofThree.every(({ target }) => target === 3));
    assert.deepEqual(await gradCam(model, []), []);
  },
});

Deno.test({
  name:
    "heatmaps of what is not there are refused in a line, and leave no tensor and no memory behind",
  ...outlives,
  async fn() {
    const { model, data } = await small();
    using _ = model;
    const before = held();
    const few = data.subset([0, 1]);
    const refused = async (options: GradCamOptions, message: RegExp) =>
      await assert.rejects(
        gradCam(model, few, options),
        (error) => error instanceof UserError && message.test(error.message),
      );
    await refused({ target: 10 }, /class 10 in row 1: the model has classes 0 to 9/);
    await refused({ target: [0] }, /class undefined in row 2/);
    await refused({ stage: 5 }, /stage 5 is to be watched, expected stages from 1 to 4/);
    const unlabelled = ImageDataset.fromImages(await few.images([0]));
    await assert.rejects(gradCam(model, unlabelled, { target: "label" }), /it has none/);
    await assert.rejects(gradCam(model, few, { signal: AbortSignal.abort() }), /abort/i);
    using untrained = await createClassifier({ weights: "random", imageSize: 32 });
    await assert.rejects(gradCam(untrained, few), /not trained/);
    assert.equal(held(), before);
  },
});

Deno.test("the stage that is looked at has a map of six cells a side or is as fine as the trunk goes", () => {
  assert.deepEqual([28, 42, 64, 84, 96, 161, 224].map((size) => gradCamStage(size)), [
    2,
    3,
    3,
    5,
    5,
    8,
    8,
  ]);
  assert.equal(gradCamStage(224, 4), 4);
});
