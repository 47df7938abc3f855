/**
 * What it takes to make the network's input of large images on one thread: time and memory, in turn with another checkout.
 *
 *     deno run -A bench/large_images_bench.ts FOLDER --before CHECKOUT [--size 224] [--rounds 5]
 *
 * @module
 */

import { parseArgs } from "node:util";
import { median } from "./interleave.ts";
import { table } from "./report.ts";

const { positionals: [folder], values: { before, size, rounds } } = parseArgs({
  allowPositionals: true,
  options: {
    before: { type: "string" },
    size: { type: "string", default: "224" },
    rounds: { type: "string", default: "5" },
  },
});
if (folder === undefined || before === undefined) {
  console.error("usage: large_images_bench.ts FOLDER --before CHECKOUT");
  Deno.exit(2);
}

/** Makes all images three times; writes milliseconds per image and the process's peak of memory in MB. */
const PROGRAM = `
const [root, folder, size] = Deno.args;
const { createPictureMaker } = await import(root + "/src/data/picture_maker.ts");
const { IMAGENET_PREPROCESSING } = await import(root + "/src/core/preprocessing.ts");
const make = createPictureMaker({ preprocessing: IMAGENET_PREPROCESSING, size: +size, views: ["itself"] });
const out = new Float32Array(3 * size ** 2);
const files = [];
for (const { name } of Deno.readDirSync(folder)) files.push({ file: Deno.readFileSync(folder + "/" + name), name, maxPixels: 64e6 });
let started = 0;
for (let round = 0; round < 3; round++) {
  if (round === 1) started = performance.now(); // the first one warms up
  for (const picture of files) await make(picture, [0], [out]);
}
const ms = (performance.now() - started) / (2 * files.length);
const peak = /VmHWM:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1] / 1000;
console.log(JSON.stringify([ms, peak]));
`;

const program = await Deno.makeTempFile({ suffix: ".js" });
await Deno.writeTextFile(program, PROGRAM);
const here = new URL("../", import.meta.url).pathname;
const measured: Record<string, [ms: number, peak: number][]> = { before: [], after: [] };
for (let round = 0; round < Number(rounds); round++) {
  for (const [which, root] of Object.entries({ before: before!, after: here })) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", `--config=${root}/deno.json`, program, root, folder, size],
      stderr: "inherit",
    }).output();
    measured[which].push(JSON.parse(new TextDecoder().decode(stdout)));
  }
}
await Deno.remove(program);
console.log(table(
  ["", "ms per image: median (least)", "peak, MB: median"],
  Object.entries(measured).map(([which, all]) => {
    const times = all.map(([ms]) => ms);
    return [
      which,
      `${median(times).toFixed(0)} (${Math.min(...times).toFixed(0)})`,
      median(all.map(([, peak]) => peak)).toFixed(0),
    ];
  }),
));
