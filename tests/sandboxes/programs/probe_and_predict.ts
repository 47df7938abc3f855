/**
 * What a sandbox is for, in a few lines: trains a probe on features, answers with it, opens a kept model and asks its server. Prints a line
 * of JSON. The first argument, where there is one, is the path of the kept model; the second says what is taken away first.
 */
const [model, without] = Deno.args;
if (without === "threads") { // as on Supabase's edge runtime
  Object.defineProperty(globalThis, "SharedArrayBuffer", { value: ArrayBuffer });
  Reflect.deleteProperty(globalThis, "Worker");
}
const { createClassifier, drawSample, fitHead, predictProbabilities, VERSION, backend } =
  await import("../../../mod.ts");
const { createHandler } = await import("../../../src/serve/mod.ts");
const { encodePng } = await import("../../../src/data/encode_png.ts");

const data = drawSample({ rows: 120 });
using trunk = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
const features = await trunk.features(data);
const head = await fitHead(features, data.labels, data.classes);
const own = predictProbabilities(head, features);

let served: unknown;
if (model) {
  await using handler = await createHandler(await Deno.readFile(model));
  const body = new Uint8Array(await encodePng(await data.image(3)));
  const response = await handler.fetch(
    new Request("http://localhost/predict?top=1", { method: "POST", body }),
  );
  served = (await response.json()).predictions[0];
}
const digest = await crypto.subtle.digest("SHA-256", features.data.slice().buffer);
const hash = Array.from(new Uint8Array(digest).subarray(0, 8), (byte) => byte.toString(16)).join(
  "",
);
const probabilities = Array.from(own.subarray(0, 5 * data.classes.length));
console.log(JSON.stringify({ version: VERSION, backend: backend(), hash, probabilities, served }));
