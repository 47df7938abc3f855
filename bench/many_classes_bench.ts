/**
 * What a probe of many classes costs once there are features, with the choice of its strength, beside a single fit of scikit-learn's
 * LogisticRegression on the same features, in turn:
 *
 *     deno run -A bench/many_classes_bench.ts WEIGHTS [--classes 500] [--images 4] [--rounds 1] [--alone]
 *
 * `--alone` leaves scikit-learn out.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { table } from "./report.ts";

const { positionals: [weights], values } = parseArgs({
  allowPositionals: true,
  options: {
    classes: { type: "string", default: "500" },
    images: { type: "string", default: "4" },
    rounds: { type: "string", default: "1" },
    alone: { type: "boolean", default: false },
  },
});
if (weights === undefined) {
  console.error("usage: many_classes_bench.ts WEIGHTS");
  Deno.exit(2);
}

const root = new URL("..", import.meta.url).pathname;
const script = new URL("many_classes.py", import.meta.url).pathname;
const folder = await Deno.makeTempDir({ prefix: "many_classes_" });
const features = `${folder}/features.safetensors`;

async function output(program: string, args: string[]): Promise<string> {
  const child = new Deno.Command(program, { args, cwd: root, stderr: "inherit" });
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}

try {
  const { classes, images } = values;
  await output("/usr/bin/python3", [script, "make", `${folder}/images`, classes, images]);
  const weightsPath = await Deno.realPath(weights);
  await output(Deno.execPath(), [
    ...["run", "-A", "--no-check", "cli.ts", "extract", `${folder}/images`],
    ...["--weights", weightsPath, "--out", features, "--quiet"],
  ]);
  const rows: string[][] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const program = new URL("many_classes_fit.ts", import.meta.url).pathname;
    const ours = JSON.parse(
      await output(Deno.execPath(), ["run", "-A", "--no-check", program, features]),
    );
    rows.push(["graft", ours.seconds.toFixed(0), ours.peakMb.toFixed(0), ours.what]);
    if (values.alone) continue;
    const theirs = JSON.parse(await output("/usr/bin/python3", [script, "fit", features, "1"]));
    rows.push([
      "scikit-learn",
      theirs.seconds.toFixed(0),
      theirs.peakMb.toFixed(0),
      `C 1, ${theirs.iterations} iterations; graft / this: ${
        (ours.seconds / theirs.seconds).toFixed(2)
      }`,
    ]);
  }
  console.log(table(["", "seconds", "peak MB", "what"], rows));
} finally {
  await Deno.remove(folder, { recursive: true });
}
