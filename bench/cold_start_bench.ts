/**
 * From the start of a process to its first answer, with kept models of different weights, in turn:
 *
 *     deno run -A bench/cold_start_bench.ts PICTURE MODEL... [--rounds 15] [--threads 1,2] [--entry all,narrow] [--before CHECKOUT]
 *
 * `all` imports mod.ts, `narrow` what only answers. Models are those of `graft export --dtype f32|f16|int8`. With another checkout of graft, that takes its turn, too. Prints medians,
 * the best rounds and peaks of memory.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { median } from "./interleave.ts";
import { table } from "./report.ts";

const { positionals: [picture, ...models], values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "15" },
    threads: { type: "string", default: "1,2" },
    entry: { type: "string", default: "all,narrow" },
    before: { type: "string" },
  },
});
if (models.length === 0) {
  console.error("usage: cold_start_bench.ts PICTURE MODEL...");
  Deno.exit(2);
}
const here = new URL("..", import.meta.url).pathname;
const checkouts = values.before === undefined ? [here] : [values.before, here];
const cases = models.flatMap((model) =>
  values.threads.split(",").flatMap((threads) =>
    values.entry.split(",").flatMap((entry) =>
      checkouts.map((checkout) => ({
        ...{ model, threads, entry, checkout },
        ...{ times: [] as number[], peak: 0 },
      }))
    )
  )
);
const PROGRAMS: Readonly<Record<string, string>> = {
  all: "first_prediction.ts",
  narrow: "first_prediction_narrow.ts",
};
const bare: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const run = async (args: readonly string[], cwd = here) => {
    const started = performance.now();
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd,
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${args.join(" ")} failed`);
    return { ms: performance.now() - started, text: new TextDecoder().decode(stdout) };
  };
  bare.push((await run(["eval", "0"])).ms);
  for (const one of cases) {
    const program = `tests/sandboxes/programs/${PROGRAMS[one.entry]}`;
    const args = ["run", "-A", "--quiet", program, one.model, picture, one.threads];
    const { ms, text } = await run(args, one.checkout);
    one.times.push(ms);
    one.peak = Math.max(one.peak, JSON.parse(text).peak);
  }
}
console.log(`bare Deno: ${median(bare).toFixed(0)} ms`);
console.log(table(
  ["model", "entry", "threads", "checkout", "median, ms", "best, ms", "peak, MB"],
  cases.map(({ model, entry, threads, checkout, times, peak }) => [
    ...[model, entry, threads, checkout === here ? "here" : "before"],
    ...[median(times), Math.min(...times), peak].map((value) => value.toFixed(0)),
  ]),
));
