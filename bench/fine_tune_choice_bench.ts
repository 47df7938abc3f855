/**
 * Does fine-tuning ever end below the model that it starts from? Probe, LP-FT, fine-tuning from a head of zeros and the automatic
 * choice, each with its defaults, on five data sets with several seeds (of the split as well as of the training), scored on images
 * that chose nothing.
 *
 * A run takes long, so that it is made in pieces: each training appends one JSON line to the file, and a training whose line is
 * there is not made again. `--table` prints the table of the lines that there are and trains nothing.
 *
 *     deno run -A bench/fine_tune_choice_bench.ts --file runs.jsonl [--sets flowers60,lab] [--methods lpft] [--seeds 1,2,3]
 *     deno run -A bench/fine_tune_choice_bench.ts --file runs.jsonl --table
 *
 * `--fit '{"learningRate":0.0003}'` overrules options (the line then says so), `--unseen 3000` scores on fewer images where there
 * are thousands. With real weights in ../shared, or `--weights PATH`.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import type { FitOptions } from "../src/classifier/options.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { drawSample } from "../src/data/sample.ts";
import { parseArgs } from "../src/deps.ts";
import { SHARED, unseenFashion } from "./fashion.ts";
import { table } from "./report.ts";

/** Images to train on, and images that choose nothing. */
interface Parts {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** One training, as it is kept. */
interface Line {
  readonly set: string;
  readonly seed: number;
  readonly method: string;
  readonly fit: string;
  readonly images: number;
  readonly unseen: number;
  readonly accuracy: number;
  readonly loss: number;
  /** Unseen images that were classified wrongly, by index. */
  readonly wrong: readonly number[];
  readonly seconds: number;
  readonly trained: string;
  /** Why, where there was a choice. */
  readonly reason: string;
}

const flags = parseArgs(Deno.args, {
  string: ["file", "sets", "methods", "seeds", "fit", "unseen", "weights"],
  boolean: ["table", "verbose"],
  default: {
    sets: "flowers60,cats,lab,sample,flowers450",
    methods: "probe,lpft,auto,finetune",
    seeds: "1,2,3",
    fit: "{}",
    unseen: "10000",
  },
});
const most = Number(flags.unseen);
const overruled = String(flags.fit);
const list = (text: unknown) => String(text).split(",");

const open = (name: string) => ImageDataset.open(new URL(`data/${name}`, SHARED));

async function flowers(rows: number, seed: number): Promise<Parts> {
  const all = await open("flowers_128.zip");
  return all.split({ testSize: all.length - rows, randomState: seed, stratify: true });
}

const SETS: Readonly<Record<string, (seed: number) => Promise<Parts>>> = {
  flowers60: (seed) => flowers(60, seed),
  flowers450: (seed) => flowers(450, seed),
  async cats(seed) {
    return (await open("cats_dogs.zip")).split({
      testSize: 0.3,
      randomState: seed,
      stratify: true,
    });
  },
  async lab() {
    const train = await open("fashion_mnist_train.csv");
    // The first 3,000 others have chosen settings of fine-tuning.
    return { train, test: await unseenFashion(train, most, most > 3000 ? 3000 : 0) };
  },
  sample(seed) {
    const drawn = drawSample({ rows: 900 + Math.min(most, 2000), randomState: seed });
    const rows = Int32Array.from({ length: drawn.length }, (_, i) => i);
    return Promise.resolve({
      train: drawn.subset(rows.subarray(0, 900)),
      test: drawn.subset(rows.subarray(900)),
    });
  },
};

async function readLines(path: string): Promise<Line[]> {
  try {
    const text = await Deno.readTextFile(path);
    return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function train(set: string, seed: number, method: string): Promise<Line> {
  const { train, test } = await SETS[set](seed);
  using model = await createClassifier({
    weights: (flags.weights as string | undefined) ??
      new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
    variant: "google",
  });
  const given = JSON.parse(overruled) as FitOptions;
  const since = performance.now();
  await model.fit(train, {
    ...given,
    method: method as FitOptions["method"],
    randomState: seed,
    onEpoch: flags.verbose && method !== "probe"
      ? (epoch) => console.error(JSON.stringify(epoch))
      : undefined,
  });
  const seconds = (performance.now() - since) / 1000;
  const probabilities = await model.probabilities(test);
  const classes = model.classes!.length;
  const wrong: number[] = [];
  let loss = 0;
  test.labels.forEach((label, row) => {
    const shares = probabilities.subarray(row * classes, (row + 1) * classes);
    if (shares.some((share, k) => k !== label && share >= shares[label])) wrong.push(row);
    loss -= Math.log(Math.max(shares[label], 1e-12)) / test.length;
  });
  return {
    set,
    seed,
    method,
    fit: overruled,
    images: train.length,
    unseen: test.length,
    accuracy: 1 - wrong.length / test.length,
    loss,
    wrong,
    seconds,
    trained: model.training?.method ?? method,
    reason: model.training?.tuning?.reason ?? model.training?.choice?.reason ?? "",
  };
}

const path = String(flags.file ?? "fine_tune_choice.jsonl");
const lines = await readLines(path);
if (!flags.table) {
  for (const set of list(flags.sets)) {
    for (const seed of list(flags.seeds).map(Number)) {
      for (const method of list(flags.methods)) {
        const known = lines.some((line) =>
          line.set === set && line.seed === seed && line.method === method &&
          line.fit === overruled
        );
        if (known) continue;
        const line = await train(set, seed, method);
        lines.push(line);
        await Deno.writeTextFile(path, JSON.stringify(line) + "\n", { append: true });
        const { wrong: _wrong, ...short } = line;
        console.error(JSON.stringify(short));
      }
    }
  }
}

/** Mean, over the unseen images, of right answers of a line less those of the probe, and its standard error, in points. */
function gainOf(line: Line, probe: Line): { gain: number; error: number } {
  const [wrong, before] = [new Set(line.wrong), new Set(probe.wrong)];
  const differences = Array.from(
    { length: line.unseen },
    (_, i) => Number(before.has(i)) - Number(wrong.has(i)),
  );
  const gain = differences.reduce((sum, value) => sum + value, 0) / line.unseen;
  const squares = differences.reduce((sum, value) => sum + (value - gain) ** 2, 0);
  return { gain, error: Math.sqrt(squares / (line.unseen - 1) / line.unseen) };
}

const rows = lines.toSorted((a, b) => a.set.localeCompare(b.set) || a.seed - b.seed)
  .filter(({ method }) => method !== "probe").flatMap((line) => {
    const probe = lines.find((other) =>
      other.method === "probe" && other.set === line.set && other.seed === line.seed
    );
    if (probe === undefined) return [];
    const { gain, error } = gainOf(line, probe);
    return [[
      `${line.set}, ${line.images} to train on, ${line.unseen} unseen`,
      String(line.seed),
      line.fit === "{}" ? line.method : `${line.method} ${line.fit}`,
      probe.accuracy.toFixed(4),
      line.accuracy.toFixed(4),
      `${(100 * gain).toFixed(2)} ± ${(100 * error).toFixed(2)}`,
      gain < -error ? "below" : line.trained,
      line.seconds.toFixed(0),
    ]];
  });
console.log(table(
  ["data", "seed", "method", "probe", "accuracy", "gain in points", "saved", "seconds"],
  rows,
));
