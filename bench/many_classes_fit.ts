/** graft's side of many_classes_bench.ts: fits a probe as `train` does and prints a line of JSON. @module */
import { startBackend } from "../src/backend/mod.ts";
import { fitProbe } from "../src/train/probe.ts";
import { readSafetensors } from "../src/weights/safetensors.ts";

const [path] = Deno.args;
const { tensors } = readSafetensors(await Deno.readFile(path), path);
const [features, labels] = ["features", "labels"].map((name) => tensors.get(name)!);
const [rows, columns] = features.shape;
const given = Int32Array.from(labels.data as Int32Array);
const classes = given.reduce((most, label) => Math.max(most, label), 0) + 1;
await startBackend();
const started = performance.now();
const { details, heldOut } = await fitProbe(
  { data: features.data as Float32Array, rows, columns },
  given,
  {
    classes,
    holdOut: true,
    onProgress: ({ done, total, detail }) =>
      Deno.args.includes("--follow") &&
      console.error(Math.round(performance.now() - started), done, total, JSON.stringify(detail)),
  },
);
const seconds = (performance.now() - started) / 1000;
const peakMb = Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]) / 1000;
const what = `C ${Number(details.strength).toPrecision(2)} by ${details.folds} folds, ${
  heldOut?.rows.length ?? 0
} rows held out, log-loss ${Number(details.cvLogLoss).toFixed(3)}, within ${
  Number(details.gap).toExponential(1)
} nats`;
console.log(JSON.stringify({ seconds, peakMb, what }));
