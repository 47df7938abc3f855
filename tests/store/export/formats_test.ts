// What the files say, by readers that are not ours.
import assert from "node:assert/strict";
import { exportOnnx } from "../../../src/store/export/export_onnx.ts";
import { exportTfjs } from "../../../src/store/export/export_tfjs.ts";
import { drawModel } from "./models.ts";

const PYTHON = "/usr/bin/python3";

/** Debian's `python3-onnx`. */
const hasOnnx = await new Deno.Command(PYTHON, { args: ["-c", "import onnx"], stderr: "null" })
  .output().then(({ success }) => success, () => false);
if (!hasOnnx) console.warn("SKIPPED: ONNX's own checker, python3-onnx is not installed");

const CHECK = `
import sys, json, onnx
model = onnx.load_model_from_string(sys.stdin.buffer.read())
onnx.checker.check_model(model, full_check=True)
shape = lambda value: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
print(json.dumps({
    "opset": [(o.domain, o.version) for o in model.opset_import],
    "producer": model.producer_name,
    "inputs": [(v.name, v.type.tensor_type.elem_type, shape(v)) for v in model.graph.input],
    "outputs": [(v.name, v.type.tensor_type.elem_type, shape(v)) for v in model.graph.output],
    "metadata": {p.key: json.loads(p.value) for p in model.metadata_props},
    "types": sorted({t.data_type for t in model.graph.initializer}),
}))
`;

for (const dtype of ["f32", "f16", "int8"] as const) {
  Deno.test({
    name: `ONNX's own checker is content with the file, ${dtype}`,
    ignore: !hasOnnx,
    async fn() {
      const { saved } = await drawModel({
        variant: "google",
        size: 45,
        stages: [2, 5],
        kind: "probe",
        temperature: 2,
      });
      const child = new Deno.Command(PYTHON, {
        args: ["-c", CHECK],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const input = child.stdin.getWriter();
      await input.write(exportOnnx(saved, { dtype }) as Uint8Array<ArrayBuffer>);
      await input.close();
      const { success, stdout, stderr } = await child.output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const said = JSON.parse(new TextDecoder().decode(stdout));
      assert.deepEqual([said.opset, said.producer], [[["", 17]], "graft"]);
      assert.deepEqual(said.inputs, [["images", 2, ["N", 45, 45, 3]]]);
      assert.deepEqual(said.outputs, [["probabilities", 1, ["N", 4]], ["logits", 1, ["N", 4]]]);
      assert.deepEqual(said.types, { f32: [1], f16: [1, 10], int8: [1, 3, 10] }[dtype]);
      const { classes, graft, input: how } = said.metadata;
      assert.deepEqual(classes, saved.manifest.classes);
      assert.deepEqual(graft, { ...saved.manifest, dtype });
      assert.deepEqual([how.size, how.layout, how.range], [45, "NHWC", [0, 255]]);
    },
  });
}

Deno.test("tfjs gets shards that browsers cache, names of results, and what to know of pictures", async () => {
  const { saved } = await drawModel({ variant: "google", size: 28, stages: [8], kind: "probe" });
  const sizes = { f32: 4, f16: 2, int8: 2 };
  for (const dtype of ["f32", "f16", "int8"] as const) {
    const files = exportTfjs(saved, { dtype });
    const json = JSON.parse(new TextDecoder().decode(files.get("model.json")));
    const [{ paths, weights }] = json.weightsManifest;
    assert.deepEqual([...files.keys()], ["model.json", ...paths]);
    assert.equal(paths.length, sizes[dtype]);
    assert.ok(paths.every((path: string) => files.get(path)!.length <= 4 * 2 ** 20));
    const kinds = new Set(
      weights.map((one: { quantization?: { dtype: string } }) => one.quantization?.dtype),
    );
    assert.deepEqual(
      kinds,
      new Set(
        {
          f32: [undefined],
          f16: [undefined, "float16"],
          int8: [undefined, "float16", "uint8"],
        }[dtype],
      ),
    );
    const { classes, graft, structuredOutputKeys } = json.userDefinedMetadata;
    assert.deepEqual(classes, saved.manifest.classes);
    assert.deepEqual(graft, { ...saved.manifest, dtype });
    assert.deepEqual(structuredOutputKeys, ["probabilities", "logits"]);
  }
});
