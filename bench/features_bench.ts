/**
 * Our side of the benchmark: the trunk's features on graft's backend; see protocol.ts for what it reads
 * and prints. Needs no permission.
 *
 * usage: deno run bench/features_bench.ts THREADS
 */
import { startBackend } from "../src/backend/mod.ts";
import { importTfjs } from "../src/deps.ts";
import { createTrunk } from "../src/model/trunk.ts";
import fixture from "../tests/fixtures/forward_b0.json" with { type: "json" };
import { randomB0Tensors } from "../tests/model/random_b0_weights.ts";
import { casePixels, serve } from "./protocol.ts";

const threads = Number(Deno.args[0]);
const report = await startBackend({ threads });
if (report.threads !== threads) {
  throw new Error(`Cannot measure ${threads} threads: got ${JSON.stringify(report)}`);
}
using trunk = await createTrunk({
  tensors: randomB0Tensors(fixture.weightSeed),
  variant: "torchvision",
  sha256: "0".repeat(64),
  source: "drawn",
  notes: [],
});
const versions = `graft, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${report.kind}, ` +
  (report.fma ? "FMA" : "no FMA");
const { tf } = await importTfjs();
await serve(versions, (size, batch) => {
  const images = tf.tensor4d(casePixels(size, batch), [batch, size, size, 3]);
  return async () => {
    const features = trunk.features(images, { stages: [8] });
    const data = await features.data();
    features.dispose();
    return data as Float32Array;
  };
});
