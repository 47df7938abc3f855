/**
 * Decoding: pictures from JPEG files to the network's input, beside PIL and torchvision on one core; and what it costs the
 * trunk to decode while it works.
 *
 *     /usr/bin/python3 bench/make_photos.py /tmp/photos 1000
 *     deno run -A bench/decode_bench.ts /tmp/photos [rounds, default 5]
 *
 * Both sides read, decode, resize to 224 x 224 (bicubic with antialias), and normalise, 200 pictures to a visit, in turn.
 * Then 64 pictures pass the trunk as decoded pictures and as files, in turn: files decoded by the calling thread alone, by it and another
 * one together, and by the other one while the trunk works; with a thread of the backend for each core, and with one less.
 *
 * @module
 */
import { startBackend, stopBackend } from "../src/backend/mod.ts";
import type { Preprocessing } from "../src/core/preprocessing.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { preprocess } from "../src/data/preprocess.ts";
import { createTrunk } from "../src/model/trunk.ts";
import { extractFeatures } from "../src/train/features.ts";
import fixture from "../tests/fixtures/forward_b0.json" with { type: "json" };
import { randomB0Tensors } from "../tests/model/random_b0_weights.ts";
import { median } from "./interleave.ts";
import { describeMachine, waitForQuiet, withForeignShare } from "./machine.ts";

const [folder, rounds = "5"] = Deno.args;
if (folder === undefined) {
  console.error("usage: decode_bench.ts FOLDER [ROUNDS]");
  Deno.exit(2);
}
const SIZE = 224;
const VISIT = 200;
const preprocessing: Preprocessing = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  resizeSize: 256,
  cropSize: 224,
  interpolation: "bicubic",
};

/** Reads lines of paths, answers with milliseconds of reading and decoding, resizing, normalising; and a probe. */
const PYTHON = `
import json, sys, time
import PIL, torch, torchvision
from PIL import Image
from torchvision import transforms as T
torch.set_num_threads(1)
resize = T.Resize((${SIZE}, ${SIZE}), interpolation=T.InterpolationMode.BICUBIC)
tensor, normalize = T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
print(json.dumps(f"Pillow {PIL.__version__}, torch {torch.__version__}, torchvision {torchvision.__version__}"), flush=True)
for line in sys.stdin:
    times, probe = [0, 0, 0], 0
    for path in json.loads(line):
        a = time.perf_counter()
        image = Image.open(path).convert("RGB")
        b = time.perf_counter()
        image = resize(image)
        c = time.perf_counter()
        values = normalize(tensor(image))
        d = time.perf_counter()
        times = [times[0] + b - a, times[1] + c - b, times[2] + d - c]
        probe += values[:, 100, 100].double().sum().item()
    print(json.dumps({"times": [t * 1000 for t in times], "probe": probe}), flush=True)
`;

/** What one visit took, in ms by part; and a number that shows that both sides make the same of the pictures. */
interface Visit {
  readonly times: readonly number[];
  readonly probe: number;
}

/** As in extraction: 32 pictures at a time. */
async function visitGraft(indices: readonly number[]): Promise<Visit> {
  let [decoding, preparing, probe] = [0, 0, 0];
  for (let from = 0; from < indices.length; from += 32) {
    const start = performance.now();
    const images = await dataset.images(indices.slice(from, from + 32));
    const decoded = performance.now();
    const values = preprocess(images, { preprocessing, size: SIZE });
    preparing += performance.now() - decoded;
    decoding += decoded - start;
    for (let image = 0; image < images.length; image++) {
      const at = ((image * SIZE + 100) * SIZE + 100) * 3;
      for (let i = 0; i < 3; i++) probe += values[at + i];
    }
  }
  return { times: [decoding, preparing], probe };
}

const dataset = await ImageDataset.open(folder);
const paths = Array.from({ length: dataset.length }, (_, i) => dataset.name(i));
console.log(`${await describeMachine()}; Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`);

const python = new Deno.Command("/usr/bin/python3", {
  args: ["-c", PYTHON],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const ask = python.stdin.getWriter();
const lines = python.stdout.pipeThrough(new TextDecoderStream()).getReader();
let rest = "";
async function answer(): Promise<unknown> {
  while (!rest.includes("\n")) rest += (await lines.read()).value;
  const line = rest.slice(0, rest.indexOf("\n"));
  rest = rest.slice(line.length + 1);
  return JSON.parse(line);
}
console.log(await answer());
const table: Record<string, number[]> = {};
const foreignShares: number[] = [];
const note = (row: string, value: number) => (table[row] ??= []).push(value);
for (let round = 0; round <= Number(rounds); round++) {
  const some = Array.from({ length: VISIT }, (_, i) => (round * VISIT + i) % dataset.length);
  await waitForQuiet();
  const { result: own, foreign } = await withForeignShare([Deno.pid], () => visitGraft(some));
  await waitForQuiet();
  await ask.write(new TextEncoder().encode(JSON.stringify(some.map((i) => paths[i])) + "\n"));
  const other = await answer() as Visit;
  if (Math.abs(own.probe - other.probe) > 1e-3) {
    throw new Error(`Cannot compare: graft has ${own.probe}, PIL and torchvision ${other.probe}`);
  }
  if (round === 0) continue; // warms up
  foreignShares.push(foreign);
  note("graft: read, decode", own.times[0] / VISIT);
  note("graft: resize, normalise", own.times[1] / VISIT);
  note("graft: all", (own.times[0] + own.times[1]) / VISIT);
  note("PIL: read, decode", other.times[0] / VISIT);
  note("torchvision: resize", other.times[1] / VISIT);
  note("torchvision: to tensor, normalise", other.times[2] / VISIT);
  note("PIL + torchvision: all", other.times.reduce((sum, time) => sum + time) / VISIT);
}
await ask.close();
await python.status;

const files = dataset.subset(Array.from({ length: 64 }, (_, i) => i % dataset.length));
const decoded = ImageDataset.fromImages(await files.images([...files.labels.keys()]));
/** What is done with files; decoded pictures are what they are compared with. */
const WAYS = {
  "decoded pictures": { pictures: decoded, pictureThreads: 0, ahead: false },
  "files, one thread": { pictures: files, pictureThreads: 0, ahead: false },
  "files, two threads": { pictures: files, pictureThreads: 1, ahead: false },
  "files, ahead": { pictures: files, pictureThreads: 1, ahead: true },
};
const ratios: Record<string, number[]> = {};
const cores = navigator.hardwareConcurrency;
for (const threads of new Set([cores, Math.max(1, cores - 1)])) {
  await startBackend({ threads });
  {
    using trunk = createTrunk({
      tensors: randomB0Tensors(fixture.weightSeed),
      variant: "torchvision",
      sha256: "0".repeat(64),
      source: "drawn",
      notes: [],
    });
    for (let round = 0; round <= Number(rounds); round++) {
      let compared = 0;
      for (const [way, { pictures, ...how }] of Object.entries(WAYS)) {
        await waitForQuiet();
        const start = performance.now();
        await extractFeatures(trunk, pictures, { size: SIZE, stages: [8], preprocessing, ...how });
        const time = (performance.now() - start) / pictures.length;
        if (pictures === decoded) compared = time;
        if (round === 0) continue; // warms up
        note(`extract, ${threads} threads: ${way}`, time);
        (ratios[`${threads} threads: ${way}`] ??= []).push(time / compared);
      }
    }
  }
  stopBackend();
}
for (const [row, times] of Object.entries(table)) {
  console.log(`${row.padEnd(44)} ${median(times).toFixed(3)} ms per picture`);
}
console.log("time / time with decoded pictures, median and rounds:");
for (const [way, all] of Object.entries(ratios)) {
  const rounds = all.map((ratio) => ratio.toFixed(2)).join(" ");
  console.log(`${way.padEnd(44)} ${median(all).toFixed(3)}  ${rounds}`);
}
console.log(`share of the machine used by others: ${(100 * median(foreignShares)).toFixed(0)} %`);
