import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { encodeModel, loadModel, saveModel, trunkWeights } from "../../src/store/bundle.ts";
import { encodeOnnx } from "../../src/store/export/onnx_messages.ts";
import { hashTensors } from "../../src/store/hash_tensors.ts";
import { dequantise, quantise } from "../../src/weights/quantise.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { description, head, model, trunk } from "./models.ts";

/** A model's file with its tensors or its manifest changed, the tensors' hash made to fit again. */
async function altered(
  change: (tensors: Map<string, HostTensor>, manifest: Record<string, unknown>) => void,
): Promise<Uint8Array> {
  const { tensors, metadata } = readSafetensors(await encodeModel(model));
  const changed = new Map(tensors);
  const manifest = JSON.parse(metadata.graft);
  change(changed, manifest);
  manifest.tensorsSha256 = await hashTensors(changed);
  return writeSafetensors({
    tensors: changed,
    metadata: { ...metadata, graft: JSON.stringify(manifest) },
  });
}

const refuses = async (source: Uint8Array | string, pattern: RegExp) =>
  await assert.rejects(
    loadModel(source),
    (error) =>
      error instanceof UserError && pattern.test(error.message) && !error.message.includes("\n"),
  );

const vector = (data: Float32Array): HostTensor => ({
  dtype: "float32",
  shape: [data.length],
  data,
});

Deno.test("a model comes back from its file as it was", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/model.safetensors`;
    assert.equal(await saveModel(path, model), "renamed");
    assert.deepEqual([...Deno.readDirSync(folder)].length, 1);
    const loaded = await loadModel(path);
    assert.deepEqual(loaded.head, head);
    assert.deepEqual(loaded.trunk, trunk);
    const { format, head: said, trunk: part, dtype, tensorsSha256: _, ...rest } = loaded.manifest;
    assert.deepEqual(rest, description);
    assert.deepEqual([format, part, dtype], [1, "included", "f32"]);
    assert.deepEqual(said, {
      kind: "probe",
      columns: 16,
      standardised: true,
      details: head.details,
    });
    assert.deepEqual(await loadModel(new URL(`file://${path}`)), loaded);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a model is served over HTTP as well", async () => {
  const bytes = await encodeModel(model);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(new Uint8Array(bytes)),
  );
  try {
    const loaded = await loadModel(`http://127.0.0.1:${server.addr.port}/model.safetensors`);
    assert.deepEqual(loaded.head, head);
  } finally {
    await server.shutdown();
  }
});

Deno.test("the head is stored as torch.nn.Linear has it, beside what it subtracts and divides", async () => {
  const { tensors, metadata } = readSafetensors(await encodeModel(model));
  assert.equal(metadata.format, "pt");
  const weight = tensors.get("head.weight")!;
  assert.deepEqual(weight.shape, [3, 16]);
  assert.equal(weight.data[1], head.weight[1 * 3 + 0]); // class 0, column 1
  assert.deepEqual(tensors.get("head.mean")!.data, head.mean);
  assert.deepEqual([...tensors.keys()].toSorted(), [
    "features.0.0.weight",
    "features.0.1.num_batches_tracked",
    "head.bias",
    "head.mean",
    "head.scale",
    "head.weight",
  ]);
});

Deno.test("a linear head has no mean and scale, and a checkpoint's classifier stays out", async () => {
  const { mean: _, scale: __, ...plain } = head;
  const bytes = await encodeModel({
    description,
    head: { ...plain, kind: "linear" },
    trunk: new Map([...trunk, ["classifier.1.bias", vector(new Float32Array(4))]]),
  });
  const loaded = await loadModel(bytes);
  assert.deepEqual(loaded.head, { ...plain, kind: "linear" });
  assert.deepEqual(loaded.trunk, trunk);
});

Deno.test("the same model gives the same bytes", async () => {
  assert.deepEqual(await encodeModel(model), await encodeModel(model));
});

Deno.test("any changed byte of a tensor is found", async () => {
  const bytes = await encodeModel(model);
  bytes[bytes.length - 1] ^= 1;
  await refuses(bytes, /its tensors are not those that were saved.*damaged/);
  await refuses(bytes.subarray(0, bytes.length - 4), /in memory/);
});

Deno.test("parts that do not fit are refused with what is there and what was expected", async () => {
  await refuses(
    await altered((tensors) => tensors.set("head.bias", vector(new Float32Array(4)))),
    /tensor head\.bias is float32 \[4\], expected float32 \[3\]/,
  );
  await refuses(await altered((tensors) => tensors.delete("head.scale")), /head\.scale is absent/);
  await refuses(
    await altered((_, manifest) => manifest.stages = [1, 2]),
    /head takes 16 features, stages 1,2 give 40/,
  );
  await refuses(
    await altered((tensors) => {
      for (const key of tensors.keys()) if (key.startsWith("features.")) tensors.delete(key);
    }),
    /trunk is included, the file has 0 tensors of it/,
  );
  await refuses(
    await altered((tensors) => tensors.set("head.extra", vector(new Float32Array(1)))),
    /tensor head\.extra belongs to no part/,
  );
});

Deno.test("what is no model is refused, the reason given", async () => {
  const plain = writeSafetensors({ tensors: trunk, metadata: { format: "pt" } });
  await refuses(plain, /no graft manifest.*give a checkpoint as the weights/);
  await refuses("no/such/model.safetensors", /no\/such\/model\.safetensors: there is no such file/);
  await refuses(new URL(".", import.meta.url).pathname, /it is a folder/);
});

Deno.test("a training run given for a model is to be resumed", async () => {
  const tensors = new Map([["bias", vector(new Float32Array(4))]]);
  const run = writeSafetensors({ tensors, metadata: { format: "pt", graftTraining: "{}" } });
  await refuses(run, /: it is a training run, .*; resume it: graft train … --checkpoint FOLDER --/);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/training.safetensors`, run);
    const told = new RegExp(`resume it: graft train … --checkpoint ${folder} --resume --out`);
    await refuses(`${folder}/training.safetensors`, told);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file of another kind given for a model is told by what it is", async () => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const features = writeSafetensors({
    tensors: new Map([["features", vector(new Float32Array(4))]]),
    metadata: { weightsSha256: "0", datasetSha256: "0" },
  });
  const onnx = encodeOnnx({
    ...{ name: "graft", producer: ["graft", "1.0.0"], text: "" },
    ...{ nodes: [], constants: [], inputs: [], outputs: [], metadata: {} },
  });
  const cases: [file: Uint8Array, kind: RegExp][] = [
    [bytes("PK\x03\x04\x14\0\0\0\0\0"), /: it is a zip archive, expected a model that graft train/],
    [onnx, /: it is an ONNX model, .*give the model that it was exported from$/],
    [features, /: it is a file of features, .*; give them as features \(--features\)$/],
    [
      bytes("\x80\x02\x8a\x0a"),
      /: it is a Python pickle, .*; give a checkpoint as the weights \(--weights\)$/,
    ],
    [bytes("path,label\n"), /: it is text, expected a model that graft train kept$/],
    [bytes("<!doctype html>"), /: it is a web page, expected/],
    [bytes("\xff\xd8\xff\xe0"), /: it is a JPEG picture, expected/],
    [new Uint8Array(0), /: the file is empty, expected/],
  ];
  for (const [file, kind] of cases) await refuses(file, kind);
});

Deno.test("what could not be loaded again is not saved", async () => {
  await assert.rejects(
    encodeModel({ ...model, description: { ...description, classes: ["cat", "dog"] } }),
    (error) => error instanceof UserError && /head\.weight is float32 \[3,16\]/.test(error.message),
  );
  const details = { gap: NaN };
  await assert.rejects(
    encodeModel({ ...model, head: { ...head, details } }),
    /Cannot save the model: head\.details\.gap in its manifest is null/,
  );
  await assert.rejects(encodeModel({ ...model, trunk: new Map() }), UserError);
});

Deno.test("a file of the head alone takes the checkpoint it was trained on and no other", async () => {
  const loaded = await loadModel(await encodeModel({ description, head }));
  assert.deepEqual([loaded.trunk, loaded.manifest.trunk], [undefined, "absent"]);
  const weights = {
    tensors: trunk,
    variant: "google",
    sha256: description.weightsSha256,
    source: "w",
    notes: [],
  } as const;
  assert.equal(trunkWeights(loaded, weights), weights);
  assert.throws(
    () => trunkWeights(loaded),
    /head only.*that it was trained on \(weights\.safetensors/,
  );
  const other = { ...weights, sha256: "cd".repeat(32) };
  assert.throws(() => trunkWeights(loaded, other), /trained on google weights abab.*cdcd/);
  assert.throws(
    () => trunkWeights(loaded, { ...weights, variant: "torchvision" }),
    /those given are torchvision/,
  );
});

Deno.test("a model's own trunk makes weights that name the checkpoint", async () => {
  const weights = trunkWeights(await loadModel(await encodeModel(model)));
  assert.deepEqual(weights, {
    tensors: trunk,
    variant: "google",
    sha256: description.weightsSha256,
    source: "weights.safetensors",
    notes: [],
  });
});

Deno.test("the hash of tensors depends on names, types, shapes and elements, not on their order", async () => {
  const hash = await hashTensors(trunk);
  assert.equal(await hashTensors(new Map([...trunk].reverse())), hash);
  const [[name, tensor]] = trunk;
  const others: [string, HostTensor][] = [
    ["features.0.0.bias", tensor],
    [name, { ...tensor, shape: [6] }],
    [name, { ...tensor, data: Float32Array.of(1, 2, 3, 4, 5, 7) }],
    [name, { ...tensor, dtype: "int32" }],
  ];
  for (const other of others) {
    assert.notEqual(await hashTensors(new Map([...[...trunk].slice(1), other])), hash);
  }
});

/** The model with a kernel for which 8 bits are worth it. */
const KERNEL = "features.8.0.weight";
const large = {
  ...model,
  trunk: new Map<string, HostTensor>([...trunk, [KERNEL, {
    dtype: "float32",
    shape: [64, 80, 1, 1],
    data: Float32Array.from({ length: 64 * 80 }, (_, i) => Math.sin(i)),
  }]]),
};

for (const dtype of ["f16", "int8"] as const) {
  Deno.test(`a model kept as ${dtype} is read as the rounded one, its trunk named by its own hash`, async () => {
    const bytes = await encodeModel({ ...large, dtype });
    const { tensors } = readSafetensors(bytes);
    assert.equal(tensors.get(KERNEL)!.dtype, dtype === "f16" ? "float32" : "int8");
    assert.equal(tensors.has(`${KERNEL}_scale`), dtype === "int8");
    const loaded = await loadModel(bytes);
    const rounded = dequantise(
      quantise(readSafetensors(await encodeModel(large)).tensors, dtype).tensors,
    );
    for (const [name, tensor] of loaded.trunk!) assert.deepEqual(tensor, rounded.get(name));
    assert.deepEqual([...loaded.trunk!.keys()].toSorted(), [...large.trunk.keys()].toSorted());
    assert.equal(loaded.head.weight[1], rounded.get("head.weight")!.data[16]);
    assert.deepEqual(loaded.head.bias, head.bias);
    assert.deepEqual(loaded.head.mean, head.mean);
    const { manifest } = loaded;
    assert.equal(manifest.dtype, dtype);
    assert.equal(manifest.tensorsSha256, await hashTensors(tensors));
    assert.equal(manifest.weightsSha256, await hashTensors(loaded.trunk!));
    assert.equal(trunkWeights(loaded).sha256, manifest.weightsSha256);
    bytes[bytes.length - 1] ^= 1;
    await refuses(bytes, /its tensors are not those that were saved/);
  });

  Deno.test(`a head kept as ${dtype} stays bound to its checkpoint`, async () => {
    const { manifest } = await loadModel(await encodeModel({ description, head, dtype }));
    assert.deepEqual([manifest.dtype, manifest.trunk], [dtype, "absent"]);
    assert.equal(manifest.weightsSha256, description.weightsSha256);
  });
}

Deno.test("scales that are not the outputs' are refused", async () => {
  const bytes = await encodeModel({ ...large, dtype: "int8" });
  const { tensors, metadata } = readSafetensors(bytes);
  const changed = new Map(tensors).set(`${KERNEL}_scale`, vector(new Float32Array(4)));
  const manifest = JSON.parse(metadata.graft);
  manifest.tensorsSha256 = await hashTensors(changed);
  await refuses(
    writeSafetensors({ tensors: changed, metadata: { graft: JSON.stringify(manifest) } }),
    /features\.8\.0\.weight_scale is float32 \[4\], expected float32 \[64\], one scale per output/,
  );
});
