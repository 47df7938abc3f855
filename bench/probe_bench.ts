/**
 * What the probe costs once there are features: its fit with the choice of its strength, and the nested folds of `--cv`, in turn with
 * those of another checkout of graft where one is given:
 *
 *     deno run -A bench/probe_bench.ts CSV WEIGHTS [--rounds 3] [--before CHECKOUT]
 *
 * Each round is a process of each checkout that does both three times. Prints medians and the best.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { median } from "./interleave.ts";
import { table } from "./report.ts";

const { positionals: [csv, weights], values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" }, before: { type: "string" } },
});
if (weights === undefined) {
  console.error("usage: probe_bench.ts CSV WEIGHTS");
  Deno.exit(2);
}
const [csvPath, weightsPath] = await Promise.all([csv, weights].map((path) => Deno.realPath(path)));
const here = new URL("..", import.meta.url).pathname;
const checkouts = values.before === undefined ? [here] : [values.before, here];

/** Runs in either checkout; prints milliseconds of fits and of nested folds as JSON. */
const PROGRAM = `
import { createClassifier, fitProbe, ImageDataset, stratifiedKFold } from "./mod.ts";
import { nestedProbes } from "./src/train/nested_probes.ts";
const [csv, weights] = Deno.args;
const data = await ImageDataset.open(csv);
using model = await createClassifier({ weights });
const features = await model.features(data);
const labels = data.labels, classes = data.classes.length;
const foldOfRow = stratifiedKFold(labels, { folds: 5, randomState: 5 });
const times = { fit: [], nested: [] };
const time = async (row, work) => {
  const started = performance.now();
  await work();
  times[row].push(performance.now() - started);
};
for (let i = 0; i < 3; i++) {
  await time("fit", () => fitProbe(features, labels, { classes }));
  await time("nested", () => nestedProbes(features, labels, { foldOfRow, folds: 5, classes }));
}
console.log(JSON.stringify(times));
`;

const rows = ["fit", "nested"] as const;
const times = new Map(
  checkouts.map((checkout) => [checkout, { fit: [] as number[], nested: [] as number[] }]),
);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [checkout, of] of times) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", "--ext=ts", "-", csvPath, weightsPath],
      cwd: checkout,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(PROGRAM));
    await writer.close();
    const { success, stdout } = await child.output();
    if (!success) throw new Error(`the probe failed in ${checkout}`);
    const found = JSON.parse(new TextDecoder().decode(stdout));
    for (const row of rows) of[row].push(...found[row]);
  }
}
console.log(table(
  ["", "checkout", "median, ms", "best, ms"],
  rows.flatMap((row) =>
    checkouts.map((checkout) => {
      const all = times.get(checkout)![row];
      const shown = [median(all), Math.min(...all)].map((value) => value.toFixed(0));
      return [row, checkout === here ? "here" : "before", ...shown];
    })
  ),
));
