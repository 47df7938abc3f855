// `graft lr-find` as a user runs it, on a random trunk and drawn pictures.
import assert from "node:assert/strict";
import { emptyFolder, FAST_FEATURES, graft, graftJson, sampleLines } from "./graft.ts";

const SHORT = [...FAST_FEATURES, "--steps", "12"];

Deno.test("lr-find tests the training rows, writes its curve, and needs no more permissions", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("out")];
  await Deno.writeTextFile(data, sampleLines(60));
  const found = await graftJson(["lr-find", data, ...SHORT, "--out", out], [
    `--allow-read=${data}`,
    `--allow-write=${out}`,
  ]);
  assert.deepEqual([found.method, found.pictures, found.steps], ["lpft", 54, 12]);
  const rates = found.rates as number[];
  assert.equal(rates[0], 1e-7);
  assert.equal((found.losses as number[]).length, rates.length);
  assert.deepEqual(found.out, [`${out}/lr_find.html`, `${out}/lr_find.svg`]);
  assert.match(await Deno.readTextFile(`${out}/lr_find.html`), /^<!doctype html>[^]*<svg /);
  assert.match(await Deno.readTextFile(`${out}/lr_find.svg`), /^<svg /);
});

Deno.test("pictures too large for the memory end in one line that says what to make smaller", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const run = (...args: string[]) =>
    graft([...args, data, "--weights", "random", "--quiet"], [
      `--allow-read=${data}`,
      `--allow-write=${folder.path}`,
    ]);
  const { code, stderr } = await run(
    ...["lr-find", "--method", "finetune", "--image-size", "400", "--batch-size", "54"],
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^graft: Cannot go on: --image-size 400 with --batch-size 54 takes \d+\.\d GB of memory, and WebAssembly has 4\.3 GB at most; give a smaller --image-size or --batch-size, or --memory low\n$/,
  );
  // Where nobody has asked for fine-tuning, the probe is saved; time enough has it ask for the memory.
  const out = folder.file("m.safetensors");
  const chosen = await run(
    "train",
    "--image-size",
    "420",
    "--budget",
    "9h",
    "--out",
    out,
    "--json",
  );
  assert.equal(chosen.code, 0, chosen.stderr);
  assert.match(
    chosen.stdout,
    /the probe is saved: fine-tuning at 420 px takes \d+\.\d GB of memory/,
  );
});

Deno.test("lr-find prints a table and what to try, and takes the flags of training", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const run = async (...more: string[]) => {
    const args = ["lr-find", data, ...SHORT, "--lowest", "1e-4", "--highest", "0.1", ...more];
    const { code, stdout, stderr } = await graft(args, [`--allow-read=${data}`]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    return stdout;
  };
  const linear = await run("--method", "linear", "--batch-size", "9", "--augment", "flip");
  assert.match(linear.replace(/\s+/g, " "), /^Range test for linear on 54 pictures of data\.csv:/);
  assert.match(linear, /\n1e-4 +\d\.\d{3} +\d\.\d{3}\n/);
  assert.match(linear, /\n(try --method linear --lr [\d.e-]+|no suggestion.*)\n$/);
  const whole = ["--method", "finetune", "--freeze-to", "features.4", "--layer-decay", "0.9"];
  assert.match(await run(...whole, "--class-weights", "balanced"), /^Range test for finetune/);
});

Deno.test("lr-find refuses what does not fit in one line, and leaves nothing behind", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["--method", "probe"], 2, /--method is "probe", expected "linear", "finetune" or "lpft"/],
    [["--steps", "5"], 2, /--steps is "5", expected a whole number of at least 10/],
    [["--method", "linear", "--freeze-to", "features.5"], 2, /--freeze-to needs --method finetune/],
    [["--lowest", "20"], 1, /the rates are 20 and 10, expected two numbers above 0/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await graft(
      ["lr-find", data, ...FAST_FEATURES, "--out", folder.file("out"), ...args],
      [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
    );
    assert.deepEqual([outcome.code, outcome.stdout], [code, ""], outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.deepEqual(folder.names(), ["data.csv"]);
  }
});
