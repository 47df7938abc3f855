import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { encodeModel, loadModel } from "../../src/store/bundle.ts";
import { hashTensors } from "../../src/store/hash_tensors.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { model } from "./models.ts";

Deno.test("a head whose numbers are not finite, or of which no probability follows, is refused by name", async () => {
  const wrong: [string, number, RegExp][] = [
    ["weight", NaN, /tensor head\.weight has the value NaN at 2, expected numbers from -1/],
    ["bias", -Infinity, /tensor head\.bias has the value -Infinity at 2/],
    ["mean", 1e30, /tensor head\.mean has the value 1.*e\+30 at 2/],
    ["scale", 0, /tensor head\.scale has the value 0 at 2, expected numbers from 1e-18/],
  ];
  for (const [name, value, pattern] of wrong) {
    const { tensors, metadata } = readSafetensors(await encodeModel(model));
    const tensor = tensors.get(`head.${name}`)!;
    const changed = new Map(tensors).set(`head.${name}`, {
      ...tensor,
      data: (tensor.data as Float32Array).with(2, value),
    });
    const manifest = JSON.parse(metadata.graft);
    manifest.tensorsSha256 = await hashTensors(changed);
    const file = writeSafetensors({
      tensors: changed,
      metadata: { ...metadata, graft: JSON.stringify(manifest) },
    });
    await assert.rejects(
      loadModel(file),
      (error) => error instanceof UserError && pattern.test(error.message),
    );
  }
});
