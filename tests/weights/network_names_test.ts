import assert from "node:assert/strict";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { findNetwork } from "../../src/weights/network_names.ts";
import { writeSafetensors } from "../../src/weights/safetensors.ts";
import { assertUserError } from "./fixtures.ts";
import { type Saved, writePth } from "./write_pth.ts";

const one = (value: number): HostTensor => ({
  dtype: "float32",
  shape: [1],
  data: Float32Array.of(value),
});

/** A little of a network, each tensor with its number. */
const PLAIN: Readonly<Record<string, HostTensor>> = {
  "features.0.0.weight": one(1),
  "features.0.1.bias": one(2),
  "classifier.1.bias": one(3),
};

const prefixed = (prefix: string, tensors: Readonly<Record<string, HostTensor>> = PLAIN) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

const safetensors = (tensors: Readonly<Record<string, HostTensor>>) =>
  writeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata: {} });

const load = (bytes: Uint8Array) => loadWeights(bytes, { variant: "torchvision" });

/** The same tensors in both forms, loaded. */
async function loadBoth(tensors: Readonly<Record<string, HostTensor>>) {
  return [await load(writePth(tensors)), await load(safetensors(tensors))];
}

for (
  const prefix of [
    ...["", "module.", "_orig_mod.", "model."],
    ...["model._orig_mod.", "module._orig_mod.", "model.module.model."],
  ]
) {
  Deno.test(`names that all begin with "${prefix}" are those of the network, in both forms`, async () => {
    for (const { tensors, notes, details = [] } of await loadBoth(prefixed(prefix))) {
      assert.deepEqual([...tensors.keys()].sort(), Object.keys(PLAIN).sort());
      for (const [name, { data }] of Object.entries(PLAIN)) {
        assert.deepEqual(tensors.get(name)!.data, data, name);
      }
      assert.deepEqual(notes, []);
      assert.equal(details.some((line) => line.includes("taken off")), prefix !== "");
    }
  });
}

for (const prefix of ["net.", "backbone.", "student.encoder."]) {
  Deno.test(`"${prefix}" before all names is taken off and said`, async () => {
    for (const { tensors, notes } of await loadBoth(prefixed(prefix))) {
      assert.deepEqual([...tensors.keys()].sort(), Object.keys(PLAIN).sort());
      assert.deepEqual(notes, [`the names begin with "${prefix}", which was taken off`]);
    }
  });
}

Deno.test("a Lightning module's other tensors keep their names, and the prefix is said", async () => {
  const tensors = { ...prefixed("model."), "criterion.weight": one(4) };
  for (const { tensors: found, notes } of await loadBoth(tensors)) {
    assert.deepEqual([...found.keys()].sort(), [...Object.keys(PLAIN), "criterion.weight"].sort());
    assert.deepEqual(notes, ['the names begin with "model.", which was taken off']);
  }
});

Deno.test("two networks in one dict are refused by their names, in both forms", async () => {
  const files: [Readonly<Record<string, HostTensor>>, RegExp][] = [
    [
      { ...PLAIN, ...prefixed("module.") },
      /"features\.\*", "module\.features\.\*"\), expected one/,
    ],
    [{ ...PLAIN, ...prefixed("ema.") }, /"ema\.features\.\*", "features\.\*"/],
    [
      { ...prefixed("student."), ...prefixed("teacher.") },
      /"student\.features\.\*", "teacher\.features\.\*"/,
    ],
    [
      { ...prefixed("model."), "features.0.1.bias": one(5) },
      /"features\.\*", "model\.features\.\*"/,
    ],
  ];
  for (const [tensors, message] of files) {
    await assertUserError(() => load(writePth(tensors)), message);
    await assertUserError(() => load(safetensors(tensors)), message);
  }
});

Deno.test("of several dicts the usual one is taken, and the averaged one named", async () => {
  const files: [Saved, string][] = [
    [
      { state_dict: PLAIN, state_dict_ema: PLAIN, epoch: 3 },
      '"state_dict" were taken, not those under "state_dict_ema"',
    ],
    [
      { model: PLAIN, model_ema: prefixed("module."), optimizer: { state: {} } },
      '"model" were taken, not those under "model_ema"',
    ],
    [{ net: PLAIN, acc: 93 }, '"net" were taken'],
    [{ ...PLAIN, ema: PLAIN }, 'at its top were taken, not those under "ema"'],
  ];
  for (const [saved, note] of files) {
    const { tensors, notes } = await load(writePth(saved));
    assert.equal(tensors.get("features.0.0.weight")?.data[0], 1);
    assert.ok(notes.length === 1 && notes[0].endsWith(note), `${notes}`);
  }
  const lightning = {
    state_dict: prefixed("model."),
    hyper_parameters: { lr: 1 },
    "pytorch-lightning_version": "2.1",
  };
  assert.deepEqual((await load(writePth(lightning))).notes, []);
});

Deno.test("several dicts of which none has the usual name are refused", () =>
  assertUserError(
    () => load(writePth({ generator: PLAIN, ema: PLAIN })),
    /holds tensors under "generator" and under "ema", expected one state dict/,
  ));

Deno.test("graft's own training run gives its network, though its optimizer has the names, too", async () => {
  const tensors = new Map(
    Object.entries({ ...PLAIN, ...prefixed("first."), ...prefixed("best.") }),
  );
  const bytes = writeSafetensors({ tensors, metadata: { graftTraining: "{}" } });
  const { tensors: found, notes } = await load(bytes);
  assert.equal(found.get("features.0.0.weight")?.data[0], 1);
  assert.match(notes.join(), /last step were taken, not those of its best epoch/);
});

Deno.test("a name of a megabyte of wrappers costs no more than its length", () => {
  const wrapped = "model.".repeat(200_000);
  const begin = performance.now();
  assert.equal(findNetwork([`${wrapped}features.0.0.weight`], "a file").prefix, wrapped);
  assert.ok(performance.now() - begin < 2000);
});

Deno.test("forty thousand networks in one file are refused at once", () => {
  const names = Array.from({ length: 40_000 }, (_, i) => `${i}.features.0.0.weight`);
  const begin = performance.now();
  assert.throws(() => findNetwork(names, "a file"), /more than one network \("0.features.\*"/);
  assert.ok(performance.now() - begin < 2000); // 13 s where each was looked for among all
});
