/**
 * Reads the 60,000 pictures of Fashion-MNIST as CSV (133 MB, see make_fashion_csv.ts) with graft and with pandas, in
 * turn, each run in a fresh process; prints seconds and the memory that reading added at its peak.
 *
 *     deno run -A bench/make_fashion_csv.ts /tmp/fashion.csv
 *     deno run -A bench/csv_bench.ts /tmp/fashion.csv [runs, default 3]
 *
 * @module
 */
import { ImageDataset } from "../src/data/dataset.ts";

const [path, runs = "3"] = Deno.args;

/** Highest resident memory of this process so far, in MB. */
function peakMemory(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024;
}

const PANDAS = `
import resource, sys, time
import pandas as pd
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, start = peak(), time.time()
pd.read_csv(sys.argv[1])
print(f"pandas {time.time() - start:.2f} s, {peak() - before:.0f} MB")
`;

async function run(command: string, args: string[]): Promise<void> {
  const { stdout, stderr, success } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  console.log(new TextDecoder().decode(stdout).trim());
}

if (path === undefined) {
  console.error("usage: csv_bench.ts FILE.csv [RUNS]");
  Deno.exit(2);
}
if (runs === "self") {
  const [before, start] = [peakMemory(), performance.now()];
  const data = await ImageDataset.open(path);
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(`graft  ${seconds} s, ${(peakMemory() - before).toFixed(0)} MB, ${data.length} rows`);
} else {
  for (let i = 0; i < Number(runs); i++) {
    await run(Deno.execPath(), ["run", "-A", new URL(import.meta.url).pathname, path, "self"]);
    await run("/usr/bin/python3", ["-c", PANDAS, path]);
  }
}
