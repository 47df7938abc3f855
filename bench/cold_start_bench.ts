/**
 * From the start of a process to its first answer, with kept models of different weights, in turn:
 *
 *     deno run -A bench/cold_start_bench.ts PICTURE MODEL... [--rounds 15]
 *
 * Models are those of `graft export --dtype f32|f16|int8`. Prints medians and peaks of memory.
 *
 * @module
 */
import { parseArgs } from "node:util";

const { positionals: [picture, ...models], values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "15" } },
});
if (models.length === 0) {
  console.error("usage: cold_start_bench.ts PICTURE MODEL...");
  Deno.exit(2);
}
const program =
  new URL("../tests/sandboxes/programs/first_prediction.ts", import.meta.url).pathname;
const times = new Map(models.map((model) => [model, [] as number[]]));
const peaks = new Map<string, number>();
const bare: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const run = async (args: readonly string[]) => {
    const started = performance.now();
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${args.join(" ")} failed`);
    return { ms: performance.now() - started, text: new TextDecoder().decode(stdout) };
  };
  bare.push((await run(["eval", "0"])).ms);
  for (const model of models) {
    const { ms, text } = await run(["run", "-A", "--quiet", program, model, picture]);
    times.get(model)!.push(ms);
    peaks.set(model, Math.max(peaks.get(model) ?? 0, JSON.parse(text).peak));
  }
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log(`bare Deno: ${median(bare).toFixed(0)} ms`);
for (const model of models) {
  console.log(
    `${model}: ${median(times.get(model)!).toFixed(0)} ms, peak ${peaks.get(model)!.toFixed(0)} MB`,
  );
}
