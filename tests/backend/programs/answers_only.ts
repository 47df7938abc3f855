/** Opens a model through the narrow entry and answers, then asks for tensors; prints what was loaded when. */
import { startBackend } from "../../../src/backend/mod.ts";
import { loadClassifier } from "../../../src/classifier/predict.ts";

const pixels = Float32Array.from({ length: 28 * 28 * 3 }, (_, i) => i % 11 / 11);
using model = await loadClassifier(Deno.args[0]);
const side = 28;
const picture = { width: side, height: side, channels: 1, data: new Uint8Array(side * side) };
const [{ label }] = await model.predict([picture as never]);
const before = "_tfengine" in globalThis;
let refusal = "";
try {
  model.trunk.features({ shape: [1, side, side, 3], dtype: "float32" } as never);
} catch (error) {
  refusal = (error as Error).message;
}
const plain = model.trunk.pooled(pixels, side, { stages: [3] });
await startBackend();
const { tf } = await import("../../tfjs.ts");
const tensor = model.trunk.features(tf.tensor4d(pixels, [1, side, side, 3]), { stages: [3] });
const same = tensor.dataSync().every((value, i) => value === plain[i]);
console.log(JSON.stringify({ label, before, refusal, after: "_tfengine" in globalThis, same }));
