import assert from "node:assert/strict";
import { loadModel } from "../../src/store/bundle.ts";
import { emptyFolder, FAST_FEATURES, type Folder, graft, graftJson, sampleLines } from "./graft.ts";

const LOUD = FAST_FEATURES.filter((flag) => flag !== "--quiet");
const TUNE = [...LOUD, "--method", "lpft", "--batch-size", "10"];
/** Saved whatever a probe is worth. */
const FROM_ZERO = [...LOUD, "--method", "finetune", "--batch-size", "10"];

function permissions({ path }: Folder): string[] {
  return [`--allow-read=${path}`, `--allow-write=${path}`];
}

/** A folder with `data.csv`, 80 drawn clothes. */
async function withData(): Promise<Folder & { readonly data: string }> {
  const folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(80));
  return { ...folder, data };
}

Deno.test("fine-tuning says by what it stopped, and the file tells how it was made", async () => {
  await using folder = await withData();
  const out = folder.file("model.safetensors");
  const { code, stdout, stderr } = await graft(
    ["train", folder.data, ...FROM_ZERO, "--epochs", "40", "--patience", "2", "--out", out],
    permissions(folder),
  );
  assert.equal(code, 0, stderr);
  const { manifest } = await loadModel(out);
  const { epochs, bestEpoch, stoppedEarly, validation, command } = manifest.training!;
  assert.ok(stoppedEarly && epochs.length < 40, `${epochs.length}`);
  // The rate had fallen to nothing, whatever the schedule of 40 epochs says.
  assert.ok(epochs.at(-1)!.learningRate < 0.2 * epochs.at(-5)!.learningRate);
  assert.deepEqual(validation, { rows: 14, part: "validation" });
  assert.ok(
    stdout.includes(
      `epochs    ${epochs.length} of 40, the best was ${bestEpoch} by 14 pictures for validation\n`,
    ),
    stdout,
  );
  assert.deepEqual(command!.slice(0, 2), ["train", "data.csv"]);
  assert.equal(command!.at(-1), "model.safetensors");
  const data = await graftJson(["inspect", out, "--quiet"], permissions(folder));
  assert.equal((data as { split: { dataSha256: string } }).split?.dataSha256?.length ?? 64, 64);
  assert.match(manifest.split!.dataSha256!, /^[0-9a-f]{64}$/);
});

Deno.test("the test pictures may judge when asked, and that is said; nothing judges when asked so", async () => {
  await using folder = await withData();
  const on = await graft(
    ["train", folder.data, ...FROM_ZERO, "--epochs", "2", "--validate-on", "test"],
    permissions(folder),
  );
  assert.equal(on.code, 0, on.stderr);
  assert.match(on.stderr, /the test pictures judge the epochs: their score is optimistic/);
  assert.match(on.stdout, /^accuracy .*; optimistic: these pictures chose the epoch$/m);
  assert.match(on.stdout, /^epochs {4}2 of 2, the best was [12] by 8 pictures of the score$/m);
  const off = await graftJson(
    ["train", folder.data, ...TUNE, "--epochs", "2", "--valid-size", "0"],
    permissions(folder),
  );
  const { validation, bestEpoch } = off.training as { validation: null; bestEpoch?: number };
  assert.deepEqual([validation, bestEpoch], [null, undefined]);
});

Deno.test("Ctrl-C while fine-tuning keeps the best epoch so far, scored, and says where", async () => {
  await using folder = await withData();
  const out = folder.file("model.safetensors");
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", ...permissions(folder), "cli.ts", "train", folder.data],
      ...[...FROM_ZERO, "--epochs", "5000", "--patience", "0", "--verbose", "--out", out],
    ],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const printed = new Response(process.stdout).text();
  for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
    const before = stderr;
    stderr += text;
    if (/epoch 2: /.test(stderr) && !/epoch 2: /.test(before)) process.kill("SIGINT");
  }
  assert.equal((await process.status).code, 130, stderr);
  assert.match(stderr, /Ctrl-C: the best epoch so far is kept/);
  assert.match(stderr, /stopped by Ctrl-C/);
  const stdout = await printed;
  assert.match(stdout, /^accuracy .*8 pictures/m);
  assert.ok(stdout.includes(`kept in   ${out}\n`), stdout);
  const { manifest } = await loadModel(out);
  const { epochs, stoppedEarly, bestEpoch } = manifest.training!;
  assert.ok(epochs.length >= 2 && epochs.length < 5000 && bestEpoch! <= epochs.length);
  assert.deepEqual([stoppedEarly, manifest.metrics?.accuracy.n], [true, 8]);
});

Deno.test("auto says what it does and how to leave it out; without time it keeps the probe", async () => {
  await using folder = await withData();
  const none = await graft(["train", folder.data, ...LOUD, "--budget", "0"], permissions(folder));
  assert.equal(none.code, 0, none.stderr);
  assert.match(none.stderr, /the probe is saved: a budget of 0 s leaves no time for fine-tuning/);
  assert.match(
    none.stderr,
    /more time with --budget, or leave the question out with --method probe/,
  );
  assert.match(none.stdout, /^method {4}probe, chosen by auto$/m);
  const some = await graft(
    ["train", folder.data, ...LOUD, "--budget", "10m", "--json"],
    permissions(folder),
  );
  assert.equal(some.code, 0, some.stderr);
  assert.match(
    some.stderr,
    /comparing the probe with fine-tuning: .* --method probe leaves it out/,
  );
  const { method, choice, tuning } = JSON.parse(some.stdout).training;
  assert.deepEqual([method, choice.reason], [tuning.kept, tuning.reason]);
});

Deno.test("cross-validation is told beside the score, and kept", async () => {
  await using folder = await withData();
  const out = folder.file("model.safetensors");
  const args = ["train", folder.data, ...FAST_FEATURES, "--out", out, "--cv", "3"];
  const { code, stdout, stderr } = await graft(
    [...args, "--method", "probe", "--cv-repeats", "2"],
    permissions(folder),
  );
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^folds {5}0\.\d{3} \(95 % interval 0\.\d{3} to [01]\.\d{3}; 2 rounds of 3 folds from/m,
  );
  const { manifest } = await loadModel(out);
  const { folds, repeats, accuracies } = manifest.training!.crossValidation!;
  assert.deepEqual([folds, repeats, accuracies.length], [3, 2, 6]);
  const tuned = await graftJson(
    [...args, "--method", "lpft", "--epochs", "1"],
    permissions(folder),
  );
  assert.equal((tuned.crossValidation as { accuracies: number[] }).accuracies.length, 3);
});

Deno.test("flags of validation are refused where they mean nothing", async () => {
  const refusals: [string[], RegExp][] = [
    [
      ["--method", "probe", "--valid-size", "9"],
      /--valid-size needs --method finetune, lpft or auto/,
    ],
    [["--method", "linear", "--patience", "9"], /--patience needs --method finetune/],
    [["--method", "lpft", "--valid-size", "0", "--patience", "3"], /--patience needs something/],
    [
      ["--method", "lpft", "--valid-size", "9", "--validate-on", "test"],
      /--valid-size contradicts --validate-on test/,
    ],
    [
      ["--method", "lpft", "--validate-on", "test", "--test-size", "0"],
      /--validate-on test needs pictures for the score/,
    ],
  ];
  await using folder = await withData();
  for (const [flags, message] of refusals) {
    const { code, stderr } = await graft(["train", folder.data, ...flags], permissions(folder));
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});
