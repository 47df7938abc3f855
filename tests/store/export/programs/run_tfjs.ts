/** `run_tfjs.ts <address of model.json> <size>`: pixels `[n, size, size, 3]` on stdin, what the model says of them as JSON on stdout. */
import { tfjs } from "../../../deps.ts";

const [address, side] = Deno.args;
const size = Number(side);
const pixels = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
await tfjs.setBackend("cpu"); // the one of its backends that starts in Deno without files
const model = await tfjs.loadGraphModel(address);
const images = tfjs.tensor4d(pixels, [pixels.length / (size * size * 3), size, size, 3], "float32");
const answers = model.predict(images) as Record<string, tfjs.Tensor>;
const numbers = async (name: string) => [...await answers[name].data()];
console.log(JSON.stringify({
  probabilities: await numbers("probabilities"),
  logits: await numbers("logits"),
}));
