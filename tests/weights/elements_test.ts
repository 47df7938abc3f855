import assert from "node:assert/strict";
import { narrowToFloat16, readElements } from "../../src/weights/elements.ts";

/** All 65,536 halves, little-endian. */
const HALVES = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);

Deno.test("every float16 widens to the number that IEEE 754 says", () => {
  const widened = readElements(HALVES, "float16");
  for (let half = 0; half < 65536; half++) {
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half & 0x8000 ? -1 : 1;
    const expected = exponent === 31
      ? (fraction ? NaN : sign * Infinity)
      : exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1024 + fraction) * 2 ** (exponent - 25);
    assert.ok(Object.is(widened[half], expected), `${half}: ${widened[half]} not ${expected}`);
  }
});

Deno.test("a bfloat16 is the upper half of a float32", () => {
  const widened = readElements(HALVES, "bfloat16") as Float32Array;
  const bits = new Uint32Array(widened.buffer);
  for (let half = 0; half < 65536; half++) assert.equal(bits[half] >>> 0, half * 65536);
});

Deno.test("aligned elements are a view and others a copy", () => {
  const bytes = new Uint8Array([9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
  const aligned = readElements(bytes.subarray(4), "int32");
  assert.deepEqual([...aligned], [1, 2]);
  assert.equal(aligned.buffer, bytes.buffer);
  const shifted = readElements(bytes.subarray(3, 11), "int32");
  assert.deepEqual([...shifted], [256, 512]);
  assert.notEqual(shifted.buffer, bytes.buffer);
});

Deno.test("a boolean is 0 or 1 whatever byte the file holds", () => {
  assert.deepEqual([...readElements(new Uint8Array([0, 1, 2, 255]), "bool")], [0, 1, 1, 1]);
});

Deno.test("every float16 narrows to itself", () => {
  const widened = readElements(HALVES, "float16") as Float32Array;
  const narrowed = narrowToFloat16(widened);
  for (let half = 0; half < 65536; half++) {
    if (Number.isNaN(widened[half])) assert.ok((narrowed[half] & 0x7fff) > 0x7c00);
    else assert.equal(narrowed[half], half);
  }
});

Deno.test("numbers between two float16 go to the nearer one, halfway to the even one", () => {
  const widened = readElements(HALVES, "float16") as Float32Array;
  for (let half = 0; half < 0x7bff; half++) { // 0 to the largest but one; the sum of two neighbours is exact
    const middle = (widened[half] + widened[half + 1]) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    const nudge = middle * 2 ** -20;
    const found = narrowToFloat16(Float32Array.of(middle, middle - nudge, middle + nudge, -middle));
    assert.deepEqual([...found], [even, half, half + 1, even | 0x8000], `above ${half}`);
  }
  const most = narrowToFloat16(Float32Array.of(65504, 65519.996, 65520, 1e30, -1e30, 2 ** -25));
  assert.deepEqual([...most], [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0]);
});
