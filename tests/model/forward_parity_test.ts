/** The trunk against PyTorch: fixtures by tests/fixtures/make_forward.py and make_forward_real.py. */
import assert from "node:assert/strict";
import { tf } from "../tfjs.ts";
import { type BackendOptions, startBackend, stopBackend } from "../../src/backend/mod.ts";
import type { Trunk } from "../../src/model/trunk.ts";
import { createTrunk } from "../../src/model/trunk.ts";
import { loadWeights } from "../../src/weights/load.ts";
import type { Variant } from "../../src/weights/variants.ts";
import { maxRelativeError } from "../backend/reference.ts";
import b0 from "../fixtures/forward_b0.json" with { type: "json" };
import real from "../fixtures/forward_real.json" with { type: "json" };
import { decodeFloats, randomB0Tensors, randomPixels } from "./random_b0_weights.ts";

/**
 * Asked for by the issue. float32 rounding over 49 convolutions gives PyTorch itself up to 2e-6 here;
 * a wrong eps or a pad on the wrong side gives 1e-3 and more (the last test sees to that).
 */
const TOLERANCE = 1e-4;
const STAGES = [1, 2, 3, 4, 5, 6, 7, 8];
const tensors = randomB0Tensors(b0.weightSeed);

/** base64 of each stage's pooled features, keyed by the stage's number. */
type Stored = Readonly<Record<string, string>>;

for (const variant of ["torchvision", "google"] as const) {
  Deno.test(`pooled features equal PyTorch's at every size and stage, ${variant}`, async () => {
    using trunk = await createRandomTrunk(variant);
    for (const { size, features } of b0.cases.filter((one) => one.variant === variant)) {
      const pixels = randomPixels(b0.pixelSeed, size, b0.images);
      const ours = featuresPerStage(trunk, pixels, [b0.images, size, size, 3]);
      for (const [stage, values] of ours) {
        const error = maxRelativeError(values, decodeFloats((features as Stored)[stage]));
        assert.ok(error <= TOLERANCE, `${variant}, ${size} px, stage ${stage}: ${error}`);
      }
    }
  });
}

Deno.test("the two variants are told apart by far more than the tolerance", async () => {
  using trunk = await createRandomTrunk("google");
  for (const { size, features } of b0.cases.filter((one) => one.variant === "torchvision")) {
    const pixels = randomPixels(b0.pixelSeed, size, b0.images);
    for (const [stage, values] of featuresPerStage(trunk, pixels, [b0.images, size, size, 3])) {
      const error = maxRelativeError(values, decodeFloats((features as Stored)[stage]));
      assert.ok(error > 100 * TOLERANCE, `${size} px, stage ${stage}: ${error}`);
    }
  }
});

Deno.test("plain kernels on one thread equal PyTorch too, and threads do not change a bit", async () => {
  const { size, features } = b0.cases.find((one) => one.variant === "google" && one.size === 64)!;
  const pixels = randomPixels(b0.pixelSeed, size, b0.images);
  const compute = async (options: BackendOptions) => {
    stopBackend();
    const report = await startBackend(options);
    assert.equal(report.threads, options.threads);
    using trunk = await createRandomTrunk("google");
    return featuresPerStage(trunk, pixels, [b0.images, size, size, 3]);
  };
  try {
    for (const [stage, values] of await compute({ threads: 1, fma: false })) {
      const error = maxRelativeError(values, decodeFloats((features as Stored)[stage]));
      assert.ok(error <= TOLERANCE, `stage ${stage}: ${error}`);
    }
    const alone = await compute({ threads: 1 });
    for (const threads of [2, 3]) {
      for (const [stage, values] of await compute({ threads })) {
        assert.deepEqual([...values], [...alone.get(stage)!], `${threads} threads, stage ${stage}`);
      }
    }
  } finally {
    stopBackend(); // the next test starts its own, with the defaults
  }
});

Deno.test("stages asked for together lie side by side in ascending order", async () => {
  using trunk = await createRandomTrunk("torchvision");
  const size = 28;
  const pixels = randomPixels(b0.pixelSeed, size, b0.images);
  const alone = featuresPerStage(trunk, pixels, [b0.images, size, size, 3]);
  const images = tf.tensor4d(pixels, [b0.images, size, size, 3]);
  const together = trunk.features(images, { stages: [4, 6, 8] });
  const columns = 80 + 192 + 1280;
  assert.deepEqual(together.shape, [b0.images, columns]);
  assert.equal(trunk.featureSize([4, 6, 8]), columns);
  const expected = Array.from({ length: b0.images }, (_, image) =>
    [4, 6, 8].flatMap((stage) => {
      const values = alone.get(stage)!;
      const width = values.length / b0.images;
      return [...values.slice(image * width, (image + 1) * width)];
    })).flat();
  assert.deepEqual([...together.dataSync()], expected);
  tf.dispose([images, together]);
});

const weightsFolder = new URL("../../../shared/weights/", import.meta.url);
const realFiles = [real.weights, real.weights.replace(/\.pth$/, ".safetensors")];
for (const file of realFiles) {
  const source = new URL(file, weightsFolder);
  const absent = !exists(source);
  if (absent) console.warn(`SKIPPED: parity on real weights, ${source.pathname} is not there`);
  Deno.test({
    name: `pooled features of the real weights equal PyTorch's, ${file}`,
    ignore: absent,
    async fn() {
      await startBackend();
      const weights = await loadWeights(source, { variant: real.variant as Variant });
      if (file === real.weights) assert.equal(weights.sha256, real.weightsSha256);
      using trunk = await createTrunk(weights);
      assert.equal(trunk.variant, real.variant);
      const shape = [real.images, real.size, real.size, 3] as const;
      for (const [stage, values] of featuresPerStage(trunk, formulaPixels(...shape), shape)) {
        const expected = decodeFloats((real.features as Stored)[stage]);
        const error = maxRelativeError(values, expected);
        assert.ok(error <= TOLERANCE, `stage ${stage}: ${error}`);
      }
    },
  });
}

async function createRandomTrunk(variant: Variant): Promise<Trunk> {
  await startBackend();
  return await createTrunk({
    tensors,
    variant,
    sha256: "0".repeat(64),
    source: "drawn",
    notes: [],
  });
}

/** Each stage's pooled features on their own; nothing is left in tfjs's memory. */
function featuresPerStage(
  trunk: Trunk,
  pixels: Float32Array,
  shape: readonly [number, number, number, number],
): Map<number, Float32Array> {
  const before = tf.memory().numTensors;
  const images = tf.tensor4d(pixels, [...shape]);
  const result = new Map<number, Float32Array>();
  for (const stage of STAGES) {
    const features = trunk.features(images, { stages: [stage] });
    assert.deepEqual(features.shape, [shape[0], trunk.featureSize([stage])]);
    result.set(stage, features.dataSync() as Float32Array);
    features.dispose();
  }
  images.dispose();
  assert.equal(tf.memory().numTensors, before);
  return result;
}

/** The twin of `formula_pixels` in make_forward_real.py. */
function formulaPixels(images: number, height: number, width: number, channels: number) {
  const pixels = new Float32Array(images * height * width * channels);
  let place = 0;
  for (let n = 0; n < images; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const value = (y * (3 + n) + x * (5 + 2 * n) + 40 * c + (x * y >> (n + 1))) % 256;
          pixels[place++] = value / 64 - 2;
        }
      }
    }
  }
  return pixels;
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
