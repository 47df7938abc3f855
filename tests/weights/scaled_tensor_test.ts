import assert from "node:assert/strict";
import { isScaled, scaledTensor } from "../../src/weights/scaled_tensor.ts";

const codes = Int8Array.of(1, -2, 127, -127, 0, 3);
const scales = Float32Array.of(0.1, 1 / 3);
const products = Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / 3)]);

Deno.test("codes times scales are float32, rounded once, and new for each reader", () => {
  const tensor = scaledTensor([2, 3], codes, scales);
  assert.deepEqual(tensor.data, products);
  assert.notEqual(tensor.data, tensor.data);
});

Deno.test("a tensor tells whether it is kept as codes and scales", () => {
  assert.ok(isScaled(scaledTensor([2, 3], codes, scales)));
  assert.ok(!isScaled({ dtype: "float32", shape: [6], data: products }));
});
