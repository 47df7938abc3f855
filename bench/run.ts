/**
 * `deno task bench`: measures graft beside what people would otherwise use.
 *
 * - `--only features|busy|training|lab` (default: the first three, one after the other; the lab takes
 *   half an hour)
 * - `--rounds N` (5), `--visit-ms N` (600): how often and how long each contender is measured
 * - `--sizes 28,64,112,224`, `--threads 1,2`, `--skip TEXT,TEXT` (contenders whose name has it)
 * - `--lab-epochs N` (100): epochs of each of the lab's phases; with fewer than 100 the time of 100 is
 *   extrapolated, and said to be
 * - `--write`: puts the tables into bench/RESULTS.md instead of only printing them
 *
 * Needs Debian's python3-torch and python3-torchvision, Node and the npm registry (onnxruntime goes
 * into a temporary folder); what is missing can be left out with `--skip PyTorch,onnxruntime`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { busyTable, measureBusy } from "./busy_core_bench.ts";
import { contenders, prepareWorkshop, type Size, SIZES, workshop } from "./contenders.ts";
import { interleave } from "./interleave.ts";
import { LAB_EPOCHS, labSection } from "./lab_bench.ts";
import { featureTables, foreignLine, heading, writeSection } from "./report.ts";
import { trainingSection } from "./training_report.ts";

const RESULTS = new URL("RESULTS.md", import.meta.url);
const BENCHES = ["features", "busy", "training", "lab"];

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    "visit-ms": { type: "string", default: "600" },
    sizes: { type: "string", default: SIZES.join() },
    threads: { type: "string", default: "1,2" },
    skip: { type: "string", default: "" },
    "lab-epochs": { type: "string", default: `${LAB_EPOCHS}` },
    write: { type: "boolean", default: false },
  },
});
const wanted = options.only === undefined ? BENCHES.slice(0, 3) : [options.only];
for (const name of wanted) {
  if (!BENCHES.includes(name)) {
    throw new Error(`Cannot run ${JSON.stringify(name)}: known are ${BENCHES.join(", ")}`);
  }
}
const sizes = options.sizes.split(",").map(Number).map((size) => {
  if (!SIZES.includes(size as Size)) throw new Error(`Cannot run ${size} px: known are ${SIZES}`);
  return size as Size;
});
const timing = {
  rounds: Number(options.rounds),
  visitMs: Number(options["visit-ms"]),
  log: (line: string) => console.error(line),
};
const threads = options.threads.split(",").map(Number);
const skipped = options.skip.split(",").filter((text) => text !== "");
const isWanted = ({ name }: { name: string }) => !skipped.some((text) => name.includes(text));

if (wanted.includes("features")) {
  const running = threads.flatMap((count) => contenders(count, workshop())).filter(isWanted);
  if (running.some((one) => one.name.startsWith("onnxruntime"))) await prepareWorkshop(workshop());
  const comparison = await interleave(running, sizes, timing);
  const lines = [
    await heading("Features: EfficientNet-B0, pooled, eval mode", comparison.versions),
    foreignLine(comparison),
    `- median of ${timing.rounds} rounds, all contenders in turn in each; in brackets: times as long ` +
    "as graft (above 1, graft is faster); bN: batch, scaled to 1,000 pictures; peak MiB: of the " +
    "process, over all sizes",
    "",
    featureTables(running, comparison),
  ];
  await publish("features", lines.join("\n"));
}
if (wanted.includes("busy")) {
  const busy = await measureBusy(sizes, timing);
  const lines = [
    await heading("A foreign process spinning on one core", busy.versions),
    `- median of ${timing.rounds} rounds, quiet and busy in turn in each`,
    "",
    busyTable(busy),
  ];
  await publish("busy", lines.join("\n"));
}
if (wanted.includes("training")) {
  await publish("training", await trainingSection({ ...timing, sizes, threads, wanted: isWanted }));
}
if (wanted.includes("lab")) {
  const epochs = Number(options["lab-epochs"]);
  await publish("lab", await labSection({ epochs, threads, wanted: isWanted, log: timing.log }));
}

async function publish(name: string, section: string): Promise<void> {
  console.log(section);
  if (options.write) await writeSection(RESULTS, name, section);
}
