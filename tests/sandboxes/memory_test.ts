// What sandboxes allow: 128, 256 and 512 MB. Peaks are the kernel's own, of whole processes.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { drawSample } from "../../src/data/sample.ts";
import { emptyFolder, graft } from "../cli/graft.ts";
import { pngOf } from "../serve/server.ts";
import { ROOT } from "./runs.ts";

const isLinux = Deno.build.os === "linux";

/** A run of Deno to its end; its output and its peak memory in MB. */
async function measured(args: readonly string[]): Promise<{ stdout: string; peak: number }> {
  const script =
    "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE);" +
    "sys.stdout.buffer.write(r.stdout); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);" +
    "sys.exit(r.returncode)";
  const { code, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", script, Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-lock", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  const lines = decoder.decode(stdout).trimEnd().split("\n");
  return { stdout: lines.slice(0, -1).join("\n"), peak: Number(lines.at(-1)) / 1000 };
}

Deno.test({
  name: "a model of 8-bit weights answers within 128 MB beside the runtime, and 200 MB with it",
  ignore: !isLinux,
  async fn() {
    await using folder = await emptyFolder();
    const [model, small, picture] = ["m.safetensors", "s.safetensors", "p.png"].map(folder.file);
    using classifier = await createClassifier({ weights: "random", imageSize: 84 });
    await classifier.fit(drawSample({ rows: 40 }), { method: "linear", epochs: 1 });
    await classifier.save(model);
    await Deno.writeFile(picture, await pngOf(1));
    const { code, stderr } = await graft(["export", model, "--dtype", "int8", "--out", small], [
      `--allow-read=${folder.path}`,
      `--allow-write=${folder.path}`,
    ]);
    assert.equal(code, 0, stderr);
    const program = new URL("programs/first_prediction.ts", import.meta.url).href;
    const { stdout } = await measured(["-A", program, small, picture, "1"]);
    const { bare, peak } = JSON.parse(stdout);
    assert.ok(peak - bare < 128 && peak < 200, `${peak} MB, of which the runtime ${bare}`);
  },
});

Deno.test({
  name: "a probe is trained and its model served within 256 MB",
  ignore: !isLinux,
  async fn() {
    const program = new URL("programs/probe_and_predict.ts", import.meta.url).href;
    const { peak } = await measured([program]);
    assert.ok(peak < 256, `${peak} MB`);
  },
});

Deno.test({
  name: "graft train, from a thousand pictures to the kept model, stays within 512 MB",
  ignore: !isLinux,
  async fn() {
    await using folder = await emptyFolder();
    const [data, model] = [folder.file("s.csv"), folder.file("m.safetensors")];
    const files = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
    await graft(["sample", "--rows", "1000", "--out", data], files);
    const { peak } = await measured([
      ...[...files, "cli.ts", "train", data, "--weights", "starter", "--method", "probe"],
      ...["--out", model],
    ]);
    assert.ok(peak < 512, `${peak} MB`);
  },
});
