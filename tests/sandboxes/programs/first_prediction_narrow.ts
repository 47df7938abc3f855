/** As first_prediction.ts, by the entry that only answers: opens a kept model and answers for one picture file, on as many threads as it is told; prints its peak memory in MB, and that of the runtime before it began. */
const peak = async () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1]) / 1000;
const bare = await peak();
const { loadClassifier } = await import("../../../src/classifier/predict.ts");
const [path, picture, threads] = Deno.args;
using model = await loadClassifier(path, {
  threads: threads ? Number(threads) : undefined,
});
const [{ label }] = await model.predict([await Deno.readFile(picture)]);
console.log(JSON.stringify({ label, bare, peak: await peak() }));
