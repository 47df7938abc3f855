import assert from "node:assert/strict";
import b0 from "../fixtures/forward_b0.json" with { type: "json" };
import { decodeFloats, randomB0Tensors, randomPixels, stateShapes } from "./random_b0_weights.ts";

Deno.test("drawn weights and pictures are those of the fixture, bit for bit", () => {
  const tensors = randomB0Tensors(b0.weightSeed);
  assert.equal(stateShapes().size, 360);
  assert.deepEqual([...tensors.keys()].sort(), [...stateShapes().keys()].sort());
  for (const [name, probe] of Object.entries(b0.weightProbes)) {
    assert.deepEqual([...tensors.get(name)!.data.slice(0, 4)], [...decodeFloats(probe)], name);
  }
  const pixels = randomPixels(b0.pixelSeed, 28, b0.images);
  assert.deepEqual([...pixels.slice(-4)], [...decodeFloats(b0.pixelProbe)]);
});
