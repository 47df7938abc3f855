import assert from "node:assert/strict";
import { floatsOf, scaledTensor } from "../../src/weights/scaled_tensor.ts";

const codes = Int8Array.of(1, -2, 127, -127, 0, 3);
const scales = Float32Array.of(0.1, 1 / 3);
const products = Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / 3)]);

Deno.test("codes times scales are float32, rounded once, and new for each reader", () => {
  const tensor = scaledTensor([2, 3], codes, scales);
  assert.deepEqual(tensor.data, products);
  assert.notEqual(tensor.data, tensor.data);
  assert.deepEqual(floatsOf(tensor), products);
});

Deno.test("codes times scales are put into the room that is given, where they fit", () => {
  const tensor = scaledTensor([2, 3], codes, scales);
  const room = new Float32Array(8).fill(9);
  const values = floatsOf(tensor, room);
  assert.deepEqual(values, products);
  assert.equal(values.buffer, room.buffer);
  assert.deepEqual([...room.subarray(6)], [9, 9]);
  const small = new Float32Array(5);
  assert.deepEqual(floatsOf(tensor, small), products);
  assert.deepEqual(small, new Float32Array(5));
});

Deno.test("floats are read where they lie, and doubles are rounded, whatever the room", () => {
  const data = Float32Array.of(1, 2);
  const room = new Float32Array(2);
  assert.equal(floatsOf({ dtype: "float32", shape: [2], data }, room), data);
  const doubles = floatsOf({ dtype: "float64", shape: [1], data: Float64Array.of(1 / 3) }, room);
  assert.deepEqual(doubles, Float32Array.of(1 / 3));
  assert.deepEqual(room, new Float32Array(2));
});
