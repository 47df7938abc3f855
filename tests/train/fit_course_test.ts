// Whole runs of the training loop against PyTorch's, on a network that both have.
import assert from "node:assert/strict";
import type { BatchSource } from "../../src/train/batch_source.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import type { PictureTensor } from "../../src/model/trunk.ts";
import { fakeNetwork } from "./fake_network.ts";
import { assertNear } from "./wasm.ts";

// tests/fixtures/make_train_fit.py
const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_fit.json", import.meta.url)),
) as {
  classes: number;
  batchSize: number;
  epochs: number;
  pixels: number[];
  labels: number[];
  start: Record<string, number[]>;
  courses: {
    name: string;
    options: FitNetworkOptions;
    losses: number[];
    accuracies: number[];
    norms: number[];
    values: Record<string, number[]>;
  }[];
};
const { classes, batchSize, epochs } = fixture;

/** Numbers of one 2 x 2 picture. */
const VALUES = 12;

const source: BatchSource = {
  length: fixture.labels.length,
  labels: Int32Array.from(fixture.labels),
  batch(indices) {
    const data = Float32Array.from(
      [...indices].flatMap((i) => fixture.pixels.slice(i * VALUES, (i + 1) * VALUES)),
    );
    const images = { shape: [indices.length, 2, 2, 3], dataSync: () => data };
    return { images: images as unknown as PictureTensor, [Symbol.dispose]() {} };
  },
  identity: () => Promise.resolve("fixture"),
};

for (const { name, options, losses, accuracies, norms, values } of fixture.courses) {
  Deno.test(`a run takes PyTorch's course: ${name}`, async () => {
    using network = fakeNetwork({ classes, batchSize, dropout: 0 });
    for (const [entry, numbers] of Object.entries(fixture.start)) {
      network.write(entry, Float32Array.from(numbers));
    }
    // PyTorch decays all parameters; what is JSON cannot say so.
    const decays = name.includes("decay on everything") ? () => true : undefined;
    const { history } = await fitNetwork(network, source, {
      ...options,
      decays,
      epochs,
      shuffle: false,
    });
    // PyTorch computes in float32, the fake network in doubles that it keeps as float32; over 30 steps.
    assertNear(history.map(({ loss }) => loss), losses, { relative: 1e-5, what: "loss" });
    assertNear(history.map(({ accuracy }) => accuracy), accuracies, { absolute: 1e-12 });
    assertNear(history.map(({ gradientNorm }) => gradientNorm), norms, {
      relative: 2e-5,
      what: "norm",
    });
    for (const { name } of network.entries) {
      assertNear(network.read(name), values[name], { absolute: 2e-5, what: name });
    }
  });
}

Deno.test("the courses differ, so that none of the options goes unheard", () => {
  const ends = fixture.courses.map(({ losses }) => losses[losses.length - 1].toFixed(3));
  assert.equal(new Set(ends).size, fixture.courses.length);
});
