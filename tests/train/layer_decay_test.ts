import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { networkParts } from "../../src/model/network_entries.ts";
import { trunkParameters } from "../../src/model/parameters.ts";
import { decaysWeights, layerDecay } from "../../src/train/layer_decay.ts";
import { assertNear } from "./wasm.ts";

const parts = networkParts();
const entries = [
  ...trunkParameters().map(({ name, kind }) => ({
    name,
    kind,
    part: parts.find((part) => name.startsWith(`${part}.`))!,
  })),
  { name: "classifier.1.weight", kind: "convolution", part: "classifier" } as const,
  { name: "classifier.1.bias", kind: "bias", part: "classifier" } as const,
];
const entry = (name: string) => entries.find((entry) => entry.name === name)!;

Deno.test("the learning rate falls by the decay with each part away from the output", () => {
  const rateOf = layerDecay(entries, 0.8);
  const rates = ["classifier.1.bias", "features.8.0.weight", "features.7.0.block.3.1.bias"]
    .map((name) => rateOf(entry(name)));
  assertNear(rates, [1, 0.8, 0.64], { absolute: 1e-15 });
  assertNear([rateOf(entry("features.0.0.weight"))], [0.8 ** 18], { absolute: 1e-15 });
  // All of a block alike.
  assert.equal(
    rateOf(entry("features.4.1.block.0.0.weight")),
    rateOf(entry("features.4.1.block.2.fc1.bias")),
  );
});

Deno.test("a decay of 1 changes nothing; one out of range is refused", () => {
  assert.ok(entries.every((entry) => layerDecay(entries, 1)(entry) === 1));
  for (const decay of [0, -0.5, 1.1, NaN]) {
    assert.throws(
      () => layerDecay(entries, decay),
      (error) => error instanceof UserError && /layerDecay is .*, expected/.test(error.message),
    );
  }
});

Deno.test("weight decay leaves batch norm and biases alone", () => {
  const decaying = entries.filter(decaysWeights).map(({ name }) => name);
  assert.ok(decaying.every((name) => name.endsWith(".weight")));
  const convolutions = entries.filter(({ kind }) => kind === "convolution" || kind === "depthwise");
  assert.deepEqual(decaying, convolutions.map(({ name }) => name));
  assert.equal(decaying.length, 49 + 2 * 16 + 1); // convolutions, squeeze-excite's of 16 blocks, classifier
  assert.ok(!decaying.includes("features.0.1.weight"), "a scale decays");
  assert.ok(decaying.includes("classifier.1.weight"));
});
