import assert from "node:assert/strict";
import type { Proportion } from "../../src/core/intervals.ts";
import type { ExportEffect } from "../../src/cli/export_effect.ts";
import { emptyFolder, FAST, graft, graftJson, sampleLines } from "./graft.ts";

const folder = await emptyFolder();
const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];

/** A model of the drawn clothes, trained once for all tests here. */
const trained = await (async () => {
  await Deno.writeTextFile(data, sampleLines(80));
  return await graft(["train", data, ...FAST, "--out", model], permissions);
})();
addEventListener("unload", () => Deno.removeSync(folder.path, { recursive: true }));

const effectOf = (json: Record<string, unknown>) => json.effect as ExportEffect | null;

Deno.test("an int8 model is a quarter, and its accuracy is the one that was told", async () => {
  assert.equal(trained.code, 0, trained.stderr);
  const told = await graft(
    ["export", model, data, "--out", folder.file("same.safetensors")],
    permissions,
  );
  assert.match(
    told.stderr,
    /made from: it was trained on 72 of the 80, so these scores are optimistic;/,
  );
  const out = folder.file("small.safetensors");
  const json = await graftJson(
    ["export", model, data, "--dtype", "int8", "--out", out],
    permissions,
  );
  const { size } = await Deno.stat(out);
  assert.equal(json.bytes, size);
  assert.ok(size < 0.31 * (await Deno.stat(model)).size);
  assert.deepEqual([json.format, json.dtype, json.headOnly], ["safetensors", "int8", false]);
  const { before, after, largest, pictures, from } = effectOf(json)!;
  assert.deepEqual([pictures, from], [80, "data"]);
  assert.ok(largest > 0 && largest < 0.2);
  const evaluated = async (path: string) =>
    (await graftJson(["eval", path, data], permissions)).accuracy as Proportion;
  assert.deepEqual(before, await evaluated(model));
  assert.deepEqual(after, await evaluated(out));
  assert.equal((await graftJson(["inspect", out], permissions)).kind, "model");

  const again = await graft(
    ["export", out, "--dtype", "f16", "--out", folder.file("x")],
    permissions,
  );
  assert.equal(again.code, 1);
  assert.match(
    again.stderr,
    /^graft: Cannot export the model as f16: its weights were rounded to int8 before/,
  );
});

Deno.test("a head alone is some ten kilobytes and works with its checkpoint only", async () => {
  const out = folder.file("head.safetensors");
  const { code, stdout, stderr } = await graft(
    ["export", model, "--dtype", "f16", "--head-only", "--out", out],
    permissions,
  );
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^written {3}\S+: safetensors, f16, the head only, \d+\.\d kB\nmoved {5}probabilities by at most 0\.\d{4}; the same answer for \d+ of 64 drawn pictures\n$/,
  );
  assert.ok((await Deno.stat(out)).size < 10_000); // 120 columns
  const alone = await graft(["predict", out, data], permissions);
  assert.match(
    alone.stderr,
    /it holds the head only; give the weights \(--weights\) that it was trained on/,
  );
  for (const verb of ["predict", "eval"]) {
    const other = await graft([verb, out, data, "--weights", "starter"], permissions);
    assert.match(
      other.stderr,
      /Cannot use the model: it was trained on torchvision weights .*, those given are .*; give random weights \(seed 5\)$/m,
    );
  }
  const together = await graft(["predict", out, data, "--weights", "random"], permissions);
  assert.equal(together.code, 0, together.stderr);
});

Deno.test("a network is written for onnxruntime as a file and for tfjs as a folder", async () => {
  const [onnx, web] = [folder.file("model.onnx"), folder.file("web")];
  const one = await graftJson(["export", model, "--format", "onnx", "--out", onnx], permissions);
  assert.equal(one.bytes, (await Deno.stat(onnx)).size);
  assert.deepEqual(one.files, [{ name: "model.onnx", bytes: one.bytes }]);
  assert.equal(effectOf(one), null);
  const text = new TextDecoder("latin1").decode((await Deno.readFile(onnx)).subarray(0, 200));
  assert.match(text, /graft/);
  for (let round = 0; round < 2; round++) { // a folder that is there already is written into
    const json = await graftJson(
      ["export", model, data, "--format", "tfjs", "--out", web],
      permissions,
    );
    const names = [...Deno.readDirSync(web)].map(({ name }) => name).sort();
    assert.deepEqual((json.files as { name: string }[]).map(({ name }) => name).sort(), names);
    assert.ok(names.includes("model.json"));
    assert.equal(effectOf(json)!.after, null); // nothing was rounded
  }
});

Deno.test("flags that do not belong together are refused in one line", async () => {
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["--dtype", "int4"], 2, /--dtype is "int4", expected "f32", "f16" or "int8"/],
    [["--format", "coreml"], 2, /--format is "coreml", expected "safetensors", "onnx" or "tfjs"/],
    [
      ["--head-only", "--format", "onnx"],
      2,
      /--head-only belongs to --format safetensors, not to onnx/,
    ],
    [["--shape", "28x28x1"], 2, /--shape belongs to data: graft export <model> <data>/],
    [["--data-format", "idx", "--label", "y"], 2, /--data-format and --label belongs to data/],
    [
      ["--weights", "random"],
      1,
      /the model was kept with those it was trained on; leave out --weights/,
    ],
  ];
  for (const [args, code, message] of cases) {
    const out = folder.file("never");
    const outcome = await graft(["export", model, "--out", out, ...args], permissions);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr.split("\n")[0], message);
    await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
  }
  const without = await graft(["export", model], permissions);
  assert.equal(without.code, 2);
  assert.match(without.stderr, /--out is needed/);
});
