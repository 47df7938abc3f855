/**
 * tfjs's side of the training benchmark: `npm:@tensorflow/tfjs` differentiates ordinary ops; see protocol.ts and
 * training_case.ts for what it reads and prints.
 *
 * usage: deno run --allow-read training_tfjs_server.ts stock    tfjs's wasm backend as it runs in Deno out of the box
 *                                                               (one thread), the three missing kernels added
 *        deno run training_tfjs_server.ts graft THREADS         the same program on graft's backend
 */
import { startBackend } from "../src/backend/mod.ts";
import type { tf as Tf } from "../src/deps.ts";
import fixture from "../tests/fixtures/forward_b0.json" with { type: "json" };
import { casePixels, serve } from "./protocol.ts";
import { caseLabels, CLASSES, DROP, LEARNING_RATE, PROBE } from "./training_case.ts";
import { registerMissingKernels } from "./training_tfjs_kernels.ts";
import { tfjsNetwork } from "./training_tfjs_network.ts";

// See tfjs_server.ts for why these names are not in src/deps.ts.
const union: string = "npm:@tensorflow/tfjs@4.22.0";
const wasmBackend: string = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
const tf = await import(union) as typeof Tf;
const [backend, words] = Deno.args;
if (backend === "graft") {
  const threads = Number(words);
  const report = await startBackend({ threads });
  if (report.threads !== threads) {
    throw new Error(`Cannot measure ${threads} threads: got ${JSON.stringify(report)}`);
  }
} else {
  await import(wasmBackend);
  await tf.setBackend("wasm");
  await tf.ready();
  registerMissingKernels(tf);
}
if (tf.getBackend() !== "wasm") throw new Error(`Cannot measure wasm: got ${tf.getBackend()}`);

/** A network, its pictures and its optimizer; `step` gives the loss. */
function course(size: number, batch: number, drop: number) {
  const network = tfjsNetwork(tf, fixture.weightSeed);
  const images = tf.tensor4d(casePixels(size, batch), [batch, size, size, 3]);
  const labels = tf.oneHot(tf.tensor1d(caseLabels(batch), "int32"), CLASSES);
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  const step = () => {
    const { value, grads } = tf.variableGrads(() =>
      tf.losses.softmaxCrossEntropy(labels, network.logits(images, drop)) as Tf.Scalar
    );
    optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
    tf.dispose(grads);
    const [loss] = value.dataSync();
    value.dispose();
    return loss;
  };
  return { network, step };
}

/** What training_case.ts says of it. */
function probe(): Float32Array {
  return tf.tidy(() => {
    const { network, step } = course(PROBE.size, PROBE.batch, 0);
    const losses = Array.from({ length: PROBE.steps }, step);
    const numbers = (name: string) => network.variable(`features.8.1.${name}`).dataSync();
    return Float32Array.of(
      ...losses,
      ...numbers("running_mean").slice(0, PROBE.means),
      ...numbers("running_var").slice(0, PROBE.variances),
    );
  });
}

await serve(`@tensorflow/tfjs ${tf.version_core} (${backend} backend)`, (size, batch) => {
  const proof = probe();
  const { step } = course(size, batch, DROP);
  return () => {
    step();
    return proof;
  };
});
