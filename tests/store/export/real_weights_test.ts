// Exports of a model on real weights, on the lab's pictures of ../shared: what the docs promise of it, and the documented way to use it.
import assert from "node:assert/strict";
import { createClassifier } from "../../../src/classifier/create.ts";
import { loadClassifier } from "../../../src/classifier/load.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { resize } from "../../../src/data/resize.ts";
import { loadModel } from "../../../src/store/bundle.ts";
import { exportOnnx } from "../../../src/store/export/export_onnx.ts";
import { exportSafetensors } from "../../../src/store/export/export_safetensors.ts";
import { loadWeights } from "../../../src/weights/load.ts";
import { runOnnx } from "./consumers.ts";

const SHARED = new URL("../../../../shared/", import.meta.url);
const CSV = new URL("data/fashion_mnist_train.csv", SHARED);
const WEIGHTS = new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED);

const missing = [CSV, WEIGHTS].find((url) => {
  try {
    return !Deno.statSync(url).isFile;
  } catch {
    return true;
  }
});
if (missing) console.warn(`SKIPPED: exports on real weights, ${missing.pathname} is not there`);

Deno.test({
  name: "a model on real weights says the same in onnxruntime, and nearly the same in fewer bytes",
  ignore: missing !== undefined,
  async fn() {
    const lab = await ImageDataset.open(CSV);
    const { train, test } = lab.split({ testSize: 40, randomState: 5 });
    const weights = await loadWeights(WEIGHTS, { variant: "google" });
    const path = await Deno.makeTempFile();
    using model = await createClassifier({ weights });
    await model.fit(train.subset(Array.from({ length: 150 }, (_, i) => i)));
    await model.save(path);
    const saved = await loadModel(path);
    await Deno.remove(path);
    const expected = await model.probabilities(test);
    const { size } = model.recipe!;

    // As the README says: scaled by graft's own `resize`, grey as red, green and blue alike.
    const images = await test.images(Array.from({ length: test.length }, (_, i) => i));
    const grey = images.map((image) => resize(image, { height: size, width: size }).data);
    const pixels = Uint8Array.from(grey.flatMap((data) => [...data].flatMap((v) => [v, v, v])));
    const found = await runOnnx(exportOnnx(saved), pixels, size);
    assert.ok(largest(found.probabilities, expected) <= 1e-4);

    // Measured: 0.03 and 0.09 on 2,100 pictures (bench/RESULTS.md).
    for (const [dtype, most] of [["f16", 0.06], ["int8", 0.2]] as const) {
      using small = await loadClassifier(await exportSafetensors(saved, { dtype }));
      const moved = largest(await small.probabilities(test), expected);
      assert.ok(moved > 0 && moved <= most, `${dtype}: ${moved}`);
    }
  },
});

function largest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
