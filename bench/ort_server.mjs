/**
 * onnxruntime's side of the benchmark, under Node (its native addon and its thread workers are made
 * for it); see protocol.ts for what it reads and prints.
 *
 * usage: node ort_server.mjs node|web THREADS MODEL.onnx FOLDER
 *
 * FOLDER holds node_modules with onnxruntime-node and onnxruntime-web; run.ts installs them there.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [kind, threadWord, modelPath, folder] = process.argv.slice(2);
const threads = Number(threadWord);
const from = createRequire(join(folder, "package.json"));

/** The runtime, its version and a session with its default graph optimisations. */
async function open() {
  const name = kind === "node" ? "onnxruntime-node" : "onnxruntime-web";
  const { version } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json")));
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  if (kind === "node") {
    const ort = from("onnxruntime-node");
    const session = await ort.InferenceSession.create(modelPath, {
      ...options,
      executionProviders: ["cpu"],
    });
    return { ort, session, version: `${name} ${version}` };
  }
  const entry = join(folder, "node_modules", name, "dist", "ort.node.min.mjs");
  const ort = await import(pathToFileURL(entry).href);
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(modelPath)), {
    ...options,
    executionProviders: ["wasm"],
  });
  return { ort, session, version: `${name} ${version}` };
}

/** The formula of protocol.ts, as [batch, 3, size, size]. */
function pixels(size, batch) {
  const data = new Float32Array(batch * 3 * size * size);
  let place = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const value = (y * (3 + n % 5) + x * (5 + 2 * (n % 3)) + 40 * c + n) % 256;
          data[place++] = value / 64 - 2;
        }
      }
    }
  }
  return data;
}

const { ort, session, version } = await open();
const inputs = new Map();
console.log(JSON.stringify({ ready: version }));
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...words] = line.split(" ");
  if (verb === "quit") break;
  const [size, batch, reps] = words.map(Number);
  const key = `${size} ${batch}`;
  if (!inputs.has(key)) {
    inputs.set(key, new ort.Tensor("float32", pixels(size, batch), [batch, 3, size, size]));
  }
  const ms = [];
  let features;
  for (let i = 0; i < reps; i++) {
    const start = performance.now();
    features = (await session.run({ x: inputs.get(key) })).features.data;
    ms.push(performance.now() - start);
  }
  console.log(JSON.stringify({ ms, probe: [...features.slice(0, 8)] }));
}
process.exit(0);
