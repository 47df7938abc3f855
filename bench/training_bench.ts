/**
 * Our side of the training benchmark: one step of the whole network on graft's backend; see protocol.ts and
 * training_case.ts for what it reads and prints. Needs no permission.
 *
 * usage: deno run bench/training_bench.ts THREADS default|low
 */
import { startBackend } from "../src/backend/mod.ts";
import { importTfjs } from "../src/deps.ts";
import { createNetwork } from "../src/model/create_network.ts";
import type { Chance, Network, NetworkOptions } from "../src/model/network.ts";
import { crossEntropy } from "../src/train/loss.ts";
import fixture from "../tests/fixtures/forward_b0.json" with { type: "json" };
import { randomB0Tensors } from "../tests/model/random_b0_weights.ts";
import { casePixels, serve } from "./protocol.ts";
import { caseLabels, CLASSES, DROP, headWeight, LEARNING_RATE, PROBE } from "./training_case.ts";

const threads = Number(Deno.args[0]);
const memory = Deno.args[1] as NetworkOptions["memory"];
const report = await startBackend({ threads });
if (report.threads !== threads) {
  throw new Error(`Cannot measure ${threads} threads: got ${JSON.stringify(report)}`);
}
const tensors = randomB0Tensors(fixture.weightSeed);

/** A network and its pictures. */
function course(size: number, batch: number, mode: NetworkOptions["memory"]) {
  const network = createNetwork(
    { tensors, variant: "torchvision", sha256: "0".repeat(64), source: "drawn", notes: [] },
    {
      classes: CLASSES,
      imageSize: size,
      batchSize: batch,
      dropout: DROP,
      stochasticDepth: DROP,
      memory: mode,
    },
  );
  network.write("classifier.1.weight", headWeight());
  const images = tf.tensor4d(casePixels(size, batch), [batch, size, size, 3]);
  return { network, images, labels: caseLabels(batch) };
}

/** Forward, loss, backward, update; gives the loss. */
function train(
  { network, images, labels }: ReturnType<typeof course>,
  chance: Chance | "none",
  step: number,
): number {
  const logits = network.forward(images, chance);
  const { loss, gradient } = crossEntropy(logits, labels, { classes: CLASSES });
  network.backward(gradient);
  network.update({
    kind: "adam",
    learningRate: LEARNING_RATE,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    decoupled: false,
    weightDecay: 0,
    step,
  });
  return loss;
}

/** What training_case.ts says of it. */
function probe(): Float32Array {
  const small = course(PROBE.size, PROBE.batch, memory);
  using network: Network = small.network;
  const losses = Array.from({ length: PROBE.steps }, (_, i) => train(small, "none", i + 1));
  small.images.dispose();
  const norm = "features.8.1";
  return Float32Array.of(
    ...losses,
    ...network.read(`${norm}.running_mean`).subarray(0, PROBE.means),
    ...network.read(`${norm}.running_var`).subarray(0, PROBE.variances),
  );
}

const versions = `graft, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${report.kind}, ` +
  (report.fma ? "FMA" : "no FMA");
const { tf } = await importTfjs();
await serve(versions, (size, batch) => {
  const proof = probe();
  const whole = course(size, batch, memory);
  let step = 0;
  return () => {
    step++;
    train(whole, { seed: 1, step }, step);
    return proof;
  };
});
