import assert from "node:assert/strict";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { RandomState } from "../../src/core/random.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { dequantise, quantise } from "../../src/weights/quantise.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { assertUserError } from "./fixtures.ts";

const tensor = (shape: readonly number[], data: Float32Array): HostTensor => ({
  dtype: "float32",
  shape,
  data,
});

/** Weights of each output: enough that 8 bits are worth it. */
const PER_OUTPUT = 20 * 49;

/** Kernels whose outputs differ in size by powers of ten, a batch norm's vector, and a counter. */
function weights(): Map<string, HostTensor> {
  const random = new RandomState(7);
  const kernel = Float32Array.from(
    { length: 6 * PER_OUTPUT },
    (_, i) => (random.randomDouble() - 0.5) * 10 ** (Math.floor(i / PER_OUTPUT) - 3),
  );
  return new Map<string, HostTensor>([
    ["conv.weight", tensor([6, 20, 7, 7], kernel)],
    ["norm.weight", tensor([2], Float32Array.of(1 / 3, 1e-9))],
    ["norm.num_batches_tracked", { dtype: "int64", shape: [], data: BigInt64Array.of(3n) }],
  ]);
}

Deno.test("8 bits are off by at most half a scale of their own output channel", () => {
  const original = weights();
  const { tensors, float16 } = quantise(original, "int8");
  assert.equal(float16.size, 0);
  const codes = tensors.get("conv.weight")!;
  const scales = tensors.get("conv.weight_scale")!;
  assert.deepEqual([codes.dtype, codes.shape], ["int8", [6, 20, 7, 7]]);
  assert.deepEqual([scales.dtype, scales.shape], ["float32", [6]]);
  const read = dequantise(tensors);
  const [before, after] = [original, read].map((map) =>
    map.get("conv.weight")!.data as Float32Array
  );
  before.forEach((value, i) => {
    const scale = Number(scales.data[Math.floor(i / PER_OUTPUT)]);
    assert.ok(Math.abs(value - after[i]) <= scale * (0.5 + 1e-5), `${i}`);
  });
  for (let o = 0; o < 6; o++) {
    const largest = Math.max(
      ...before.subarray(o * PER_OUTPUT, (o + 1) * PER_OUTPUT).map(Math.abs),
    );
    assert.equal(scales.data[o], Math.fround(largest / 127));
  }
  assert.deepEqual([...read.keys()], [...original.keys()]);
  assert.equal(read.get("norm.weight"), original.get("norm.weight"));
});

Deno.test("8 bits of what has been in 8 bits are the same", () => {
  const once = quantise(weights(), "int8").tensors;
  const twice = quantise(dequantise(once), "int8").tensors;
  assert.deepEqual(twice.get("conv.weight"), once.get("conv.weight"));
});

Deno.test("a channel of zeros stays one, and the least and the largest numbers are kept", () => {
  const data = new Float32Array(3 * 2000);
  data[2000] = 2 ** -149;
  data[4000] = 3e38;
  data[5999] = -3e38;
  const back = dequantise(quantise(new Map([["w", tensor([3, 2000], data)]]), "int8").tensors);
  const found = back.get("w")!.data as Float32Array;
  assert.ok(found.subarray(0, 4000).every((value) => value === 0));
  assert.ok(Math.abs(found[4000] - 3e38) < 1e32);
  assert.equal(found[5999], -found[4000]);
});

Deno.test("8 bits spare small tensors and outputs of few weights, which stay in 16", () => {
  const kept = (shape: readonly number[]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1 / 3);
    const { tensors, float16 } = quantise(new Map([["w", tensor(shape, data)]]), "int8");
    return [tensors.get("w")!.dtype, float16.has("w"), tensors.has("w_scale")];
  };
  const [eight, sixteen] = [["int8", false, true], ["float32", true, false]];
  assert.deepEqual(kept([1152, 1, 5, 5]), sixteen); // a depthwise kernel
  assert.deepEqual(kept([64, 64]), sixteen); // 4,096
  assert.deepEqual(kept([64, 65]), eight);
  assert.deepEqual(kept([1000, 32, 1, 1]), sixteen);
  assert.deepEqual(kept([1000, 33, 1, 1]), eight);
});

Deno.test("16 bits are off by at most 2^-11, and a file of them reads as what was rounded", () => {
  const original = weights();
  const stored = quantise(original, "f16");
  assert.deepEqual([...stored.float16], ["conv.weight"]);
  const rounded = stored.tensors.get("conv.weight")!.data as Float32Array;
  (original.get("conv.weight")!.data as Float32Array).forEach((value, i) =>
    assert.ok(Math.abs(value - rounded[i]) <= Math.max(Math.abs(value) * 2 ** -11, 2 ** -25))
  );
  const { tensors } = readSafetensors(writeSafetensors({ ...stored, metadata: {} }));
  assert.deepEqual(tensors.get("conv.weight")!.data, rounded);
  assert.deepEqual(tensors.get("norm.weight")!.data, original.get("norm.weight")!.data);
});

Deno.test("weights load as float32 from a file of any of these types", async () => {
  for (const dtype of ["f16", "int8"] as const) {
    const stored = quantise(weights(), dtype);
    const bytes = writeSafetensors({ ...stored, metadata: {} });
    const loaded = await loadWeights(bytes, { variant: "google" });
    assert.deepEqual(
      loaded.tensors.get("conv.weight"),
      dequantise(stored.tensors).get("conv.weight"),
    );
    assert.equal(loaded.tensors.size, 3);
  }
});

Deno.test("what cannot be rounded is refused, and so are scales that do not fit", async () => {
  const of = (value: number) =>
    new Map([["w", tensor([1, 5000], new Float32Array(5000).fill(value))]]);
  await assertUserError(
    () => Promise.resolve().then(() => quantise(of(7e4), "f16")),
    /Cannot round the weights to f16: w has the value 70000, .* up to 65504; use f32/,
  );
  await assertUserError(
    () => Promise.resolve().then(() => quantise(of(NaN), "int8")),
    /to int8: w has the value NaN, expected finite numbers; use f32/,
  );
  const { tensors } = quantise(weights(), "int8");
  const file = new Map(tensors).set("conv.weight_scale", tensor([5], new Float32Array(5)));
  await assertUserError(
    () => loadWeights(writeSafetensors({ tensors: file, metadata: {} }), { variant: "google" }),
    /conv\.weight_scale is float32 \[5\], expected float32 \[6\]/,
  );
});
