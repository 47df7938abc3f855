import assert from "node:assert/strict";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { emptyFolder, FAST_FEATURES, type Folder, graft, graftJson, sampleLines } from "./graft.ts";

/** Without a comparison, which a trunk of chance would lose. */
const TUNE = [
  ...FAST_FEATURES,
  ...["--method", "lpft", "--epochs", "3", "--batch-size", "10", "--valid-size", "0"],
];

function permissions({ path }: Folder): string[] {
  return [`--allow-read=${path}`, `--allow-write=${path}`];
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("fine-tuning tells what it reached and from where, and its model is opened by eval", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("model.safetensors")];
  await Deno.writeTextFile(data, sampleLines(80));
  const result = await graftJson(["train", data, ...TUNE, "--out", out], permissions(folder));
  const { head, start, accuracy } = result as {
    head: { kind: string; method: string; epochs: number; steps: number };
    start: { accuracy: { n: number } };
    accuracy: { n: number; value: number };
  };
  assert.deepEqual(
    [head.kind, head.method, head.epochs, head.steps],
    ["finetuned", "lpft", 3, 21], // of 72 rows: 7 full batches of 10
  );
  assert.equal(start.accuracy.n, accuracy.n);
  const scored = await graftJson(["eval", out, data, "--quiet"], permissions(folder));
  assert.equal((scored.accuracy as { n: number }).n, 80);
});

Deno.test("a run that Ctrl-C stopped goes on with --resume to the same model file", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(80));
  const [whole, resumed] = [folder.file("whole.safetensors"), folder.file("resumed.safetensors")];
  const uninterrupted = await graft(
    [
      "train",
      data,
      ...TUNE.filter((flag) => flag !== "--quiet"),
      "--out",
      whole,
      "--checkpoint",
      folder.file("new"),
      "--resume",
    ],
    permissions(folder),
  );
  assert.equal(uninterrupted.code, 0, uninterrupted.stderr);
  assert.match(
    uninterrupted.stderr,
    /^graft: there is nothing to resume in .*new: training begins/m,
  );

  const run = folder.file("run");
  const told = TUNE.filter((flag) => flag !== "--quiet");
  const args = ["train", data, ...told, "--out", resumed, "--checkpoint", run, "--every", "1"];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...permissions(folder), "cli.ts", ...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  while (!await exists(`${run}/training.safetensors`)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  process.kill("SIGINT");
  const stopped = await process.output();
  assert.equal(stopped.code, 130);
  assert.match(
    new TextDecoder().decode(stopped.stderr),
    /^graft: the same command with --resume goes on with the run in .*run$/m,
  );

  const again = await graft(args, permissions(folder));
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^graft: .*holds a training run already; add --resume to go on/m);
  const { code, stderr } = await graft([...args, "--resume"], permissions(folder));
  assert.equal(code, 0, stderr);
  // The files tell how long each took; what was learnt is the same.
  const learnt = async (path: string) => readSafetensors(await Deno.readFile(path), path).tensors;
  assert.deepEqual(await learnt(resumed), await learnt(whole));
});

Deno.test("flags of fine-tuning are refused where they mean nothing", async () => {
  const refusals: [string[], RegExp][] = [
    [["--checkpoint", "run"], /--checkpoint needs --method finetune or lpft/],
    [["--epochs", "9"], /--epochs needs --method linear, finetune or lpft/],
    [["--method", "lpft", "--budget", "5m"], /--budget needs --method auto/],
    [["--budget", "soon"], /--budget is "soon", expected a time such as 90s, 5m or 1h/],
    [["--cv-repeats", "3"], /--cv-repeats needs --cv FOLDS/],
    [["--method", "linear", "--freeze-to", "features.5"], /--freeze-to needs --method finetune/],
    [["--method", "lpft", "--resume"], /--resume needs --checkpoint FOLDER/],
    [["--head", "linear", "--method", "lpft"], /--head linear contradicts --method lpft/],
    [["--method", "svm"], /--method is "svm", expected/],
  ];
  for (const [flags, message] of refusals) {
    const { code, stderr } = await graft(["train", "a.csv", ...flags]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});
