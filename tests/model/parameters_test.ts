/** Names and shapes of checkpoint entries: fixture by tests/fixtures/make_names.py, and the real file. */
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { type HostTensor, sizeOf } from "../../src/core/host_tensor.ts";
import { blockNames, checkTrunkTensors, trunkParameters } from "../../src/model/parameters.ts";
import { blocks } from "../../src/model/stages.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { stateShapes } from "./random_b0_weights.ts";
import names from "../fixtures/names.json" with { type: "json" };

const specs = trunkParameters();
const stateOfFeatures = Object.entries(names.state).filter(([name]) =>
  name.startsWith("features.") && !name.endsWith("num_batches_tracked")
);

Deno.test("names, shapes and order are those of torchvision's state_dict", () => {
  assert.equal(Object.keys(names.state).length, 360);
  assert.deepEqual(specs.map(({ name, shape }) => [name, shape]), stateOfFeatures);
});

Deno.test("trained numbers are as many as torchvision counts, stage by stage", () => {
  const trained = specs.filter(({ kind }) => !kind.startsWith("running"));
  const countUnder = (prefix: string) =>
    trained.filter(({ name }) => name.startsWith(prefix))
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  assert.equal(countUnder("features."), 4_007_548);
  assert.equal(countUnder("features."), names.parameters.features);
  names.parameters.stages.forEach((count, stage) =>
    assert.equal(countUnder(`features.${stage}.`), count)
  );
  for (const { name, parameters } of names.blocks) {
    assert.equal(countUnder(`${name}.`), parameters);
  }
});

Deno.test("kinds follow from names", () => {
  for (const { name, shape, kind } of specs) {
    const leaf = name.slice(name.lastIndexOf(".") + 1);
    const isNorm = /\.1\.[a-z_]+$/.test(name) && shape.length === 1;
    const expected = shape.length === 4
      ? shape[1] === 1 && shape[2] > 1 ? "depthwise" : "convolution"
      : leaf === "running_mean"
      ? "runningMean"
      : leaf === "running_var"
      ? "runningVariance"
      : isNorm
      ? (leaf === "weight" ? "scale" : "shift")
      : "bias";
    assert.equal(kind, expected, name);
  }
});

Deno.test("the one block without expansion has its layers one place further up", () => {
  const [first, second] = blocks();
  assert.deepEqual(blockNames(first), {
    expand: undefined,
    depthwise: "features.1.0.block.0",
    squeeze: "features.1.0.block.1",
    project: "features.1.0.block.2",
  });
  assert.deepEqual(blockNames(second), {
    expand: "features.2.0.block.0",
    depthwise: "features.2.0.block.1",
    squeeze: "features.2.0.block.2",
    project: "features.2.0.block.3",
  });
});

const real = new URL(
  "../../../shared/weights/efficientnet_b0_google_tail_reconstructed.safetensors",
  import.meta.url,
);
const realBytes = await Deno.readFile(real).catch((error) => {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
});
if (!realBytes) console.warn(`SKIPPED: names of the real weights, ${real.pathname} is not there`);

Deno.test({
  name: "the real file holds all that is asked for, in the same shapes",
  ignore: !realBytes,
  fn() {
    const { tensors } = readSafetensors(realBytes!);
    assert.equal(tensors.size, 359); // classifier.1.weight is absent
    const missing = Object.keys(names.state).filter((name) => !tensors.has(name));
    assert.deepEqual(missing, ["classifier.1.weight"]);
    for (const { name, shape } of specs) assert.deepEqual(tensors.get(name)!.shape, shape, name);
    const values = checkTrunkTensors(tensors, "the real file");
    for (const { name, shape } of specs) {
      assert.equal(values.get(name)!.length, sizeOf(shape), name);
    }
  },
});

function complete(): Map<string, HostTensor> {
  return new Map(specs.map(({ name, shape }): [string, HostTensor] => [
    name,
    { dtype: "float32", shape, data: new Float32Array(sizeOf(shape)) },
  ]));
}

Deno.test("checked tensors are float32 copies under the same names; others are left out", () => {
  const tensors = complete();
  const [name] = tensors.keys();
  const { shape } = tensors.get(name)!;
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => i + 1 / 3);
  tensors.set(name, { dtype: "float64", shape, data });
  tensors.set("classifier.1.weight", { dtype: "float32", shape: [1], data: new Float32Array(1) });
  const values = checkTrunkTensors(tensors, "a file");
  for (const spec of specs) assert.equal(values.get(spec.name)!.length, sizeOf(spec.shape));
  assert.equal(values.get("classifier.1.weight"), undefined);
  assert.deepEqual(values.get(name), Float32Array.from(data));
});

const NAME = "features.4.1.block.2.fc1.weight";

for (
  const [what, change, message] of [
    [
      "a missing entry",
      (tensors: Map<string, HostTensor>) => tensors.delete(NAME),
      `${NAME} is missing; expected EfficientNet-B0 under torchvision's names`,
    ],
    [
      "another shape",
      (tensors: Map<string, HostTensor>) =>
        tensors.set(NAME, { dtype: "float32", shape: [2, 3], data: new Float32Array(6) }),
      `${NAME} has shape [2,3], expected [20,480,1,1] of EfficientNet-B0`,
    ],
    [
      "whole numbers",
      (tensors: Map<string, HostTensor>) =>
        tensors.set(NAME, {
          dtype: "int32",
          shape: [20, 480, 1, 1],
          data: new Int32Array(9600),
        }),
      `${NAME} has type int32, expected floating point`,
    ],
  ] as const
) {
  Deno.test(`${what} is the user's error, in one line that names the entry`, () => {
    const tensors = complete();
    change(tensors);
    assert.throws(
      () => checkTrunkTensors(tensors, "some.pth"),
      (error) =>
        error instanceof UserError &&
        error.message === `Cannot use the weights of some.pth: ${message}`,
    );
  });
}

/** A state dict of these shapes, all ones. */
function ones(shapes: ReadonlyMap<string, readonly number[]>): Map<string, HostTensor> {
  return new Map([...shapes].map(([name, shape]) => {
    const data = new Float32Array(sizeOf(shape)).fill(1);
    return [name, { dtype: "float32", shape, data }] as const;
  }));
}

Deno.test("EfficientNet-B1's weights, which have all of B0's names and shapes, are refused by name", () => {
  const shapes = stateShapes(1);
  assert.equal(shapes.size, 508); // len(torchvision.models.efficientnet_b1().state_dict())
  assertRefused(
    ones(shapes),
    /EfficientNet-B0 has no "features\.1\.1\.block\.0\.0\.weight", "features\.1\.1.* and 1\d\d more; .*they look like EfficientNet-B1$/,
  );
});

Deno.test("other EfficientNets are told by their last kernel", () => {
  const kernels: [string, readonly number[]][] = [
    ["B2", [1408, 352, 1, 1]],
    ["B7", [2560, 640, 1, 1]],
    ["V2-M", [1280, 512, 1, 1]],
  ];
  for (const [name, shape] of kernels) {
    const tensors = ones(stateShapes());
    const empty = { dtype: "float32", data: new Float32Array(0) } as const;
    tensors.set("features.8.0.weight", { ...empty, shape });
    assertRefused(tensors, new RegExp(`shape .*they look like EfficientNet-${name}$`));
    tensors.delete("features.0.0.weight");
    assertRefused(tensors, new RegExp(`is missing.*they look like EfficientNet-${name}$`));
  }
});

Deno.test("one tensor too many under features. is refused, elsewhere passed over", () => {
  const tensors = ones(stateShapes());
  const extra = tensors.get("features.0.1.weight")!;
  tensors.set("model_ema.decay", extra).set("features.0.1.num_batches_tracked", extra);
  checkTrunkTensors(tensors, "a file");
  assertRefused(tensors.set("features.9.weight", extra), /has no "features\.9\.weight"; expected/);
});

Deno.test("numbers that no network has are refused where they are, before anything is computed", () => {
  const wrong: [string, number, RegExp][] = [
    ["features.4.1.block.0.0.weight", NaN, /4\.1\.block\.0\.0\.weight has the value NaN at 7, exp/],
    ["features.0.0.weight", -Infinity, /has the value -Infinity at 7/],
    ["features.8.1.bias", 1e30, /has the value 1\.\d+e\+30 at 7/],
    [
      "features.8.1.running_var",
      -0.5,
      /running_var has the value -0\.5 at 7, expected numbers from 0/,
    ],
  ];
  for (const [name, value, message] of wrong) {
    const tensors = ones(stateShapes());
    tensors.get(name)!.data[7] = value;
    assertRefused(tensors, message);
  }
});

function assertRefused(tensors: ReadonlyMap<string, HostTensor>, message: RegExp): void {
  assert.throws(
    () => checkTrunkTensors(tensors, "a file"),
    (error) => error instanceof UserError && message.test(error.message),
  );
}
