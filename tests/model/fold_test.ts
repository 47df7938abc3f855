import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { foldNorm } from "../../src/model/fold.ts";

const OUTPUTS = 6;
const TAPS = 27;

/** Parameters of one convolution and its norm; variances from 1e-6, where epsilon decides, to 10. */
function layer(): Map<string, Float32Array> {
  const random = new RandomState(11);
  const draw = (length: number, low: number, high: number) =>
    Float32Array.from({ length }, () => low + (high - low) * random.randomDouble());
  return new Map([
    ["a.0.weight", draw(OUTPUTS * TAPS, -1, 1)],
    ["a.1.weight", draw(OUTPUTS, -2, 2)],
    ["a.1.bias", draw(OUTPUTS, -1, 1)],
    ["a.1.running_mean", draw(OUTPUTS, -3, 3)],
    ["a.1.running_var", Float32Array.of(1e-6, 1e-4, 0.01, 0.5, 1, 10)],
  ]);
}

for (const epsilon of [1e-5, 1e-3]) {
  Deno.test(`a folded convolution is the convolution and its norm, epsilon ${epsilon}`, () => {
    const values = layer();
    const at = (leaf: string) => values.get(`a.${leaf}`)!;
    const { weight, bias } = foldNorm(values, "a", epsilon);
    assert.equal(weight.length, OUTPUTS * TAPS);
    assert.equal(bias.length, OUTPUTS);
    const x = Array.from({ length: TAPS }, (_, i) => Math.sin(i));
    for (let c = 0; c < OUTPUTS; c++) {
      const sum = (kernel: Float32Array) =>
        x.reduce((total, value, i) => total + value * kernel[c * TAPS + i], 0);
      const deviation = Math.sqrt(at("1.running_var")[c] + epsilon);
      const normed = (sum(at("0.weight")) - at("1.running_mean")[c]) / deviation;
      const expected = normed * at("1.weight")[c] + at("1.bias")[c];
      // Every folded number is rounded once to float32: 2^-24 of its size.
      const scale = Math.abs(bias[c]) +
        x.reduce((total, value, i) => total + Math.abs(value * weight[c * TAPS + i]), 0);
      const error = Math.abs(sum(weight) + bias[c] - expected);
      assert.ok(error <= 2 ** -24 * scale, `channel ${c}: off by ${error} of ${scale}`);
    }
  });
}

Deno.test("the two families' epsilons fold to different numbers where variances are small", () => {
  const [torchvision, google] = [1e-5, 1e-3].map((epsilon) => foldNorm(layer(), "a", epsilon));
  assert.ok(Math.abs(torchvision.weight[0]) > 5 * Math.abs(google.weight[0]));
});

Deno.test("folding leaves the parameters as they are", () => {
  const values = layer();
  foldNorm(values, "a", 1e-5);
  assert.deepEqual(values, layer());
});
