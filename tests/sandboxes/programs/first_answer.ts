/** What the programs of a first prediction have in common. @module */

/** The entries that can open a model. */
type Entry = Pick<typeof import("../../../src/classifier/predict.ts"), "loadClassifier">;

const peak = async () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1]) / 1000;

/**
 * Opens a kept model and answers for one picture file, on as many threads as it is told; prints its peak memory in MB, and that
 * of the runtime before it began.
 */
export async function firstAnswer(importEntry: () => Promise<Entry>): Promise<void> {
  const bare = await peak();
  const { loadClassifier } = await importEntry();
  const [path, picture, threads] = Deno.args;
  using model = await loadClassifier(path, {
    threads: threads ? Number(threads) : undefined,
  });
  const [{ label }] = await model.predict([await Deno.readFile(picture)]);
  console.log(JSON.stringify({ label, bare, peak: await peak() }));
}
