// `graft report` as a user runs it, on a random trunk and drawn pictures.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import {
  emptyFolder,
  FAST,
  FAST_FEATURES,
  type Folder,
  graft,
  graftJson,
  sampleLines,
} from "./graft.ts";

/** A model of drawn clothes in the folder, which tells its data. @returns paths of model and data. */
async function trained(folder: Folder): Promise<[model: string, data: string]> {
  const [path, source] = [folder.file("clothes.safetensors"), folder.file("data.csv")];
  await Deno.writeTextFile(source, sampleLines(90));
  const data = await ImageDataset.open(source);
  const { train, test } = data.split({ testSize: 0.2, randomState: 5 });
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3, 4] });
  await model.fit(train);
  const split = { testSize: 0.2, randomState: 5, stratify: false, train: 72, test: 18 };
  await model.save(path, {
    split: { ...split, dataSha256: await data.hash() },
    evaluation: await model.evaluate(test),
    command: ["train", "data.csv", "--test-size", "0.2"],
  });
  return [path, source];
}

Deno.test("a report on a model and its data scores the rows kept apart, with no more permissions", async () => {
  await using folder = await emptyFolder();
  const [model, data] = await trained(folder);
  const out = folder.file("report.html");
  const found = await graftJson(["report", model, data, "--out", out], [
    `--allow-read=${model},${data}`,
    `--allow-write=${out}`,
  ]);
  const { scored, pictures } = found.data as Record<string, number>;
  assert.deepEqual([scored, pictures], [18, 90]);
  assert.equal(found.out, out);
  assert.match(`${found.summary}`, /^Of 18 pictures that it was not trained on/);
  const page = await Deno.readTextFile(out);
  assert.match(page, /^<!doctype html>[^]*<h1>How good is clothes\.safetensors\?<\/h1>/);
  assert.match(page, /<h2>The worst mistakes<\/h2>/);
  assert.ok(!page.includes(folder.path), "the page tells where the data lay");
});

Deno.test("a report on a model alone tells what its file says, in every form", async () => {
  await using folder = await emptyFolder();
  const [model] = await trained(folder);
  const run = async (file: string, ...more: string[]) => {
    const out = folder.file(file);
    const { code, stdout, stderr } = await graft(["report", model, "--out", out, ...more], [
      `--allow-read=${model}`,
      `--allow-write=${out}`,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Of 18 pictures that it was not trained on, it names \d+ rightly: /);
    assert.ok(stdout.endsWith(`written: ${out}\n`));
    return await Deno.readTextFile(out);
  };
  assert.match(await run("report.html"), /<h2>What is not here<\/h2>/);
  assert.match(await run("CARD.md"), /^# clothes\.safetensors\n\nOf 18 pictures/);
  assert.equal(JSON.parse(await run("report.json")).interpretation, null);
  assert.match(await run("report.txt", "--format", "md"), /^# clothes\.safetensors\n/);
});

Deno.test("a report on other data says that they are others, and scores all of them", async () => {
  await using folder = await emptyFolder();
  const [model] = await trained(folder);
  const [other, out] = [folder.file("other.csv"), folder.file("other.html")];
  await Deno.writeTextFile(other, sampleLines(41));
  const { code, stdout, stderr } = await graft(["report", model, other, "--out", out], [
    `--allow-read=${model},${other}`,
    `--allow-write=${out}`,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Of 41 pictures, it names/);
  assert.match(stderr, /other data than it was trained on/);
  assert.match(await Deno.readTextFile(out), /Labels that may be wrong: the pictures that it was/);
});

Deno.test("a report on a run that is kept has its epochs and its settings", async () => {
  await using folder = await emptyFolder();
  const [data, run] = [folder.file("data.csv"), folder.file("run")];
  await Deno.writeTextFile(data, sampleLines(40));
  const training = ["--method", "finetune", "--epochs", "2", "--batch-size", "9"];
  const all = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const begun = await graft(
    ["train", data, "--checkpoint", run, ...training, ...FAST_FEATURES],
    all,
  );
  assert.equal(begun.code, 0, begun.stderr);
  const out = folder.file("run.html");
  const found = await graftJson(["report", run, "--out", out], [
    `--allow-read=${run}`,
    `--allow-write=${out}`,
  ]);
  const { epochs, finished } = found.run as { epochs: unknown[]; finished: boolean };
  assert.deepEqual([epochs.length, finished, found.model], [2, true, null]);
  const page = await Deno.readTextFile(out);
  assert.match(page, /<h1>The training run run<\/h1>/);
  assert.equal(page.match(/<svg /g)!.length, 2);
});

Deno.test("training writes its report, of a probe from features that are computed once", async () => {
  await using folder = await emptyFolder();
  const [data, model, out] = [
    folder.file("data.csv"),
    folder.file("m.safetensors"),
    folder.file("m.html"),
  ];
  await Deno.writeTextFile(data, sampleLines(60));
  const { code, stdout, stderr } = await graft(
    ["train", data, "--out", model, "--report", out, ...FAST, "--verbose"]
      .filter((flag) => flag !== "--quiet"),
    [`--allow-read=${data}`, `--allow-write=${model},${out}`],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nreport +\S+m\.html\n$/);
  assert.equal(stderr.match(/features: 60 images/g)!.length, 1);
  assert.equal(stderr.match(/features: /g)!.length, 1, stderr);
  const page = await Deno.readTextFile(out);
  assert.match(
    page,
    /Of 6 pictures that it was not trained on[^]*<h2>Would more data help\?<\/h2>/,
  );
  assert.match(page, /<pre>graft train data\.csv --out m\.safetensors/);
  // Written down before, the same rows are told apart again.
  const again = await graftJson(["report", model, data, "--out", out], [
    `--allow-read=${model},${data}`,
    `--allow-write=${out}`,
  ]);
  assert.match(`${again.summary}`, /^Of 6 pictures that it was not trained on/);
  assert.deepEqual(again.cautions, []);
});

Deno.test("a training without a model or a test part is reported, too, as a card", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("CARD.md")];
  await Deno.writeTextFile(data, sampleLines(30));
  const args = ["train", data, "--test-size", "0", "--report", out, ...FAST];
  const { code, stderr } = await graft(args, [`--allow-read=${data}`, `--allow-write=${out}`]);
  assert.equal(code, 0, stderr);
  const card = await Deno.readTextFile(out);
  assert.match(card, /^# the model of data\.csv\n\nHow well it does is not known/);
  assert.match(card, /> No pictures were kept apart\./);
});

Deno.test("report refuses what does not fit in one line, and leaves nothing behind", async () => {
  await using folder = await emptyFolder();
  const [model, data] = await trained(folder);
  const bare = folder.file("bare");
  await Deno.mkdir(bare);
  const out = folder.file("report.html");
  const cases: [args: string[], code: number, message: RegExp][] = [
    [[model, "--format", "pdf"], 2, /--format is "pdf", expected "html", "json" or "md"/],
    [[model, "--label", "y"], 2, /--label needs data to look at/],
    [[folder.file("none.safetensors")], 1, /there is no such file/],
    [[bare], 1, /it is a folder without training\.safetensors/],
    [[data, model], 1, /it is no model; give the model first, then the data/],
    [[model, data, "--out", data], 2, /a report is \.html, \.json or \.md, got .*data\.csv/],
    [[model, data, "--out", data, "--format", "html"], 1, /is read by the same command/],
  ];
  const before = folder.names();
  for (const [args, code, message] of cases) {
    const target = args.includes("--out") ? [] : ["--out", out];
    const outcome = await graft(["report", ...args, ...target], [
      `--allow-read=${folder.path}`,
      `--allow-write=${folder.path}`,
    ]);
    assert.deepEqual([outcome.code, outcome.stdout], [code, ""], outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.deepEqual(folder.names(), before);
  }
});
