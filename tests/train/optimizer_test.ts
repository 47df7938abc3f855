import assert from "node:assert/strict";
import { adam, type Optimizer, sgd } from "../../src/train/optimizer.ts";
import { assertNear } from "./wasm.ts";

// tests/fixtures/make_train_linear.py
const { optimizers } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_linear.json", import.meta.url)),
) as { optimizers: { name: string; gradients: number[][][]; values: number[][][] }[] };

const ours: Record<string, () => Optimizer> = {
  "adam": () => adam({ learningRate: 0.1 }),
  "adam, all options": () =>
    adam({ learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.1 }),
  "sgd": () => sgd({ learningRate: 0.1 }),
  "sgd with momentum": () => sgd({ learningRate: 0.1, momentum: 0.9 }),
  "sgd, nesterov": () =>
    sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  "sgd, dampening": () => sgd({ learningRate: 0.1, momentum: 0.5, dampening: 0.3 }),
};

for (const { name, gradients, values } of optimizers) {
  Deno.test(`optimizer steps equal PyTorch's: ${name}`, () => {
    const optimizer = ours[name]();
    const parameters = [Float32Array.of(1, -2, 0.5), Float32Array.of(0.25)];
    gradients.forEach((gradient, step) => {
      optimizer.step(parameters, gradient.map((values) => Float32Array.from(values)));
      parameters.forEach((parameter, p) =>
        // Rounding to float32 at other places than PyTorch: a few units of the last place.
        assertNear(parameter, values[step][p], { absolute: 1e-6, what: `step ${step}` })
      );
    });
  });
}

Deno.test("the fixture covers every optimizer that is tested", () => {
  assert.deepEqual(optimizers.map(({ name }) => name), Object.keys(ours));
});
