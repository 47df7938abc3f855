/**
 * A folder of photos: how long it takes to open it, and to name the photos of a list of files, in turn with another checkout of graft.
 *
 *     /usr/bin/python3 bench/make_photos.py /tmp/photos 20 4000x3000
 *     deno run -A bench/photos_bench.ts MODEL /tmp/photos/a [--rounds 7] [--before CHECKOUT]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { median } from "./interleave.ts";
import { describeMachine } from "./machine.ts";
import { table } from "./report.ts";

const { positionals: [model, folder], values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "7" }, before: { type: "string" } },
});
if (folder === undefined) {
  console.error("usage: photos_bench.ts MODEL FOLDER [--rounds N] [--before CHECKOUT]");
  Deno.exit(2);
}
const files = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).sort();
const open = `const { ImageDataset } = await import("./mod.ts");
const since = performance.now();
const labelFrom = /(.)\\.[a-z]+$/;
await ImageDataset.open(${JSON.stringify(folder)}, { labelFrom });
console.log(performance.now() - since);`;
const here = new URL("..", import.meta.url).pathname;
const checkouts = values.before === undefined ? [here] : [values.before, here];
const works = ["open the folder", "predict FILES..."];
const cases = works.flatMap((work) =>
  checkouts.map((checkout) => ({ work, checkout, times: [] as number[] }))
);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { work, checkout, times } of cases) {
    const args = work === works[0]
      ? ["eval", open]
      : ["run", "-A", "--quiet", "cli.ts", "predict", model, ...files, "--quiet"];
    const since = performance.now();
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: checkout,
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${work} failed in ${checkout}`);
    const own = work === works[0] ? Number(new TextDecoder().decode(stdout)) : undefined;
    times.push(own ?? performance.now() - since);
  }
}
console.log(`${files.length} photos; ${await describeMachine()}\n`);
console.log(table(
  ["work", "checkout", "median, ms", "best, ms"],
  cases.map(({ work, checkout, times }) => [
    ...[work, checkout === here ? "here" : "before"],
    ...[median(times), Math.min(...times)].map((value) => value.toFixed(0)),
  ]),
));
