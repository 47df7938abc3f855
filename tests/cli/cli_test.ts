// The verbs, end to end, in processes of their own and with no more permissions than --help states.
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { VERSION } from "../../src/core/version.ts";
import { allVerbs } from "../../src/cli/verbs.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { SAMPLE_CLASSES } from "../../src/data/sample.ts";
import { emptyFolder, FAST, FAST_FEATURES, graft, graftJson, sampleLines } from "./graft.ts";

Deno.test("the version is that of deno.json", async () => {
  assert.equal(VERSION, config.version);
  assert.deepEqual(await graft(["--version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
});

Deno.test("help needs no permission, and names every verb and every flag", async () => {
  const { code, stdout, stderr } = await graft(["--help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const verb of await allVerbs()) {
    assert.ok(stdout.includes(`\n  ${verb.name}`), verb.name);
    const help = await graft([verb.name, "--help"]);
    assert.equal(help.code, 0);
    for (const flag of Object.keys(verb.flags)) {
      assert.match(help.stdout, new RegExp(`--${flag}\\b`));
    }
    const long = help.stdout.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long.filter((line) => !/^ {2}graft /.test(line)), []);
  }
});

Deno.test("a command line that cannot be understood exits with 2 and the usage", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [
      [],
      /^graft: image classifiers [\s\S]*\nusage: graft <verb>[\s\S]*\n {2}train <data>[\s\S]*\n$/,
    ],
    [["trian"], /^graft: unknown verb "trian"; did you mean train\?\n$/],
    [["train"], /^graft: train needs <data>\nusage: graft train <data> \[flags\]\n$/],
    [
      ["train", "a.csv", "--wieghts", "x"],
      /^graft: unknown flag --wieghts; did you mean --weights\?\nusage: .*\n$/,
    ],
    [
      ["train", "a.csv", "--epochs", "3"],
      /^graft: --epochs needs --method linear, finetune or lpft\nusage: .*\n$/,
    ],
    [
      ["eval", "a", "b", "c"],
      /^graft: eval was given 3 arguments, expected <model> <data>\nusage: .*\n$/,
    ],
    [
      ["predict", "m", "a.csv", "--top", "0"],
      /^graft: --top is "0", expected a whole number of at least 1\n/,
    ],
    [
      ["extract", "a.csv", "--stages", "3,9"],
      /^graft: --stages is "3,9", expected numbers from 1 to 8\nusage: .*\n$/,
    ],
    [
      ["lr-find", "a.csv", "--image-size", "5"],
      /^graft: --image-size is "5", expected a whole number from 28 to 1024\nusage: .*\n$/,
    ],
    [["weights", "fetch"], /^graft: weights fetch needs NAME: "imagenet"/],
    [["weights", "steal"], /^graft: weights knows list and fetch NAME, got steal\n/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await graft(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, message);
  }
});

Deno.test("the sample's classes keep their names, in its CSV and from there to predictions", async () => {
  await using folder = await emptyFolder();
  const [data, model] = [folder.file("data.csv"), folder.file("m.safetensors")];
  const allowed = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const { stdout } = await graft(["sample", "--out", data, "--rows", "60"], allowed);
  assert.match(stdout, /of 10 classes \(t-shirt, trouser, .*, ankle boot\)/);
  const labels = (await Deno.readTextFile(data)).trim().split("\n").slice(1)
    .map((line) => line.split(",").at(-1)!);
  assert.deepEqual(new Set(labels), new Set(SAMPLE_CLASSES));
  const trained = await graftJson(["train", data, ...FAST, "--out", model], allowed);
  assert.deepEqual(trained.classes, [...SAMPLE_CLASSES].sort());
  const { predictions } = await graftJson(["predict", model, data], allowed) as {
    predictions: { label: string }[];
  };
  assert.ok(predictions.every(({ label }) => SAMPLE_CLASSES.includes(label)));
});

Deno.test("sample, train, eval, predict and inspect follow on each other", async () => {
  await using folder = await emptyFolder();
  const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
  await graftJson(["sample", "--out", data, "--rows", "150"], [`--allow-write=${data}`]);

  // No more than the verb's help says: the data to read, the model to write.
  const trained = await graftJson(
    ["train", data, ...FAST, "--out", model, "--test-size", "50"],
    [`--allow-read=${data}`, `--allow-write=${model}`],
  );
  const { dataSha256, ...split } = trained.split as Record<string, unknown>;
  assert.match(`${dataSha256}`, /^[0-9a-f]{64}$/);
  assert.deepEqual(split, {
    testSize: 50,
    randomState: 5,
    stratify: false,
    train: 100,
    test: 50,
  });
  const accuracy = trained.accuracy as Record<string, number>;
  assert.equal(accuracy.n, 50);
  assert.ok(accuracy.low < accuracy.value && accuracy.value < accuracy.high);
  assert.ok(accuracy.value > 0.15, `no better than guessing: ${accuracy.value}`);

  const read = [`--allow-read=${data},${model}`];
  const scored = await graftJson(["eval", model, data], read);
  assert.equal((scored.accuracy as Record<string, number>).n, 150);
  assert.equal((scored.confusion as number[][]).flat().reduce((a, b) => a + b, 0), 150);

  const predicted = await graftJson(["predict", model, data, "--top", "2"], read);
  const predictions = predicted.predictions as {
    row: number;
    label: string;
    probability: number;
    top: { label: string; probability: number }[];
  }[];
  assert.equal(predictions.length, 150);
  assert.deepEqual(predictions.map(({ row }) => row), predictions.map((_, i) => i + 1));
  for (const { label, probability, top } of predictions) {
    assert.equal(top.length, 2);
    assert.deepEqual(top[0], { label, probability });
    assert.ok(top[0].probability >= top[1].probability);
  }

  const inspected = await graftJson(["inspect", model], read);
  assert.equal(inspected.kind, "model");
  assert.deepEqual(inspected.classes, trained.classes);
  assert.deepEqual((inspected.metrics as Record<string, unknown>).accuracy, trained.accuracy);
  assert.deepEqual(folder.names(), ["data.csv", "model.safetensors"]);
});

Deno.test("predict needs no label column, and names the file where there are several", async () => {
  await using folder = await emptyFolder();
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
  await Deno.writeTextFile(data, sampleLines(60));
  const bare = sampleLines(
    3,
    (lines) => lines.forEach((line, i) => lines[i] = line.replace(/,[^,]*$/, "")),
  );
  await Deno.writeTextFile(folder.file("bare.csv"), bare);
  assert.equal((await graft(["train", data, ...FAST, "--out", model], permissions)).code, 0);
  const files = [folder.file("bare.csv"), folder.file("bare.csv")];
  const { code, stdout, stderr } = await graft(
    ["predict", model, ...files, "--top", "1"],
    permissions,
  );
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0], /^file +row +class +probability$/);
  assert.equal(lines.length, 7);
  assert.match(lines[6], /bare\.csv +3 +[a-z -]+? +[01]\.\d{4}$/);
});

Deno.test("stdout holds the result only, stderr what is said beside it", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const loud = FAST.filter((flag) => flag !== "--quiet");
  const plain = await graft(["train", data, ...loud], [`--allow-read=${data}`]);
  assert.equal(plain.code, 0, plain.stderr);
  assert.match(
    plain.stdout,
    /^accuracy {2}[01]\.\d{3} \(95 % interval .* 6 pictures\)\nbaseline {2}.*\n(classes {3}.*\n)+$/,
  );
  assert.match(
    plain.stderr,
    /^graft: the trunk is random.*\ngraft: the model was not kept; add --out .*\n$/,
  );
  const verbose = await graft(["train", data, ...loud, "-v", "--threads=1"], [
    `--allow-read=${data}`,
  ]);
  assert.match(verbose.stderr, /graft: backend: single, 1 thread, .*threads = 1/);
  assert.match(verbose.stderr, /features: 60 images in \d+\.\d\d s/);
  const quiet = await graft(["train", data, ...loud, "-q"], [`--allow-read=${data}`]);
  assert.equal(quiet.stderr, "");
  assert.equal(quiet.stdout, plain.stdout);
});

Deno.test("extract writes features, labels and what they depend on; train takes them up", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("features.safetensors")];
  await Deno.writeTextFile(data, sampleLines(40));
  const extracted = await graftJson(["extract", data, ...FAST_FEATURES, "--out", out], [
    `--allow-read=${data}`,
    `--allow-write=${out}`,
  ]);
  assert.equal(extracted.rows, 40);
  assert.equal(extracted.columns, 40 + 80);
  const { tensors, metadata } = readSafetensors(await Deno.readFile(out));
  assert.deepEqual(tensors.get("features")?.shape, [40, 120]);
  assert.deepEqual(tensors.get("labels")?.shape, [40]);
  assert.equal(metadata.stages, "3,4");
  // The file is there: reading it is enough.
  const flags = FAST.filter((flag) => flag !== "--quiet");
  const trained = await graft(["train", data, ...flags, "--features", out, "--verbose"], [
    `--allow-read=${data},${out}`,
  ]);
  assert.equal(trained.code, 0, trained.stderr);
  assert.match(trained.stderr, /features: 40 images/);
});

Deno.test("inspect tells of data and of checkpoints", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(40));
  const found = await graftJson(["inspect", data], [`--allow-read=${data}`]);
  assert.equal(found.kind, "data");
  assert.equal(found.pictures, 40);
  assert.deepEqual(found.height, { min: 28, median: 28, max: 28 });
  assert.deepEqual(found.colours, { grey: 40 });
  assert.deepEqual(found.counts, new Array(10).fill(4));
  const table = await graft(["inspect", data], [`--allow-read=${data}`]);
  assert.match(
    table.stdout,
    /40 pictures of 28 x 28, 10 classes\n\nclass +pictures +share +balanced weight\n/,
  );
  const starter = await graftJson(["inspect", "starter"]); // by its name, as help's own example has it
  assert.deepEqual([starter.kind, starter.known, starter.variant], [
    ...["weights", "starter", "torchvision"],
  ]);
});

Deno.test("weights lists the known checkpoints, and fetch refuses what is none", async () => {
  const { weights } = await graftJson(["weights"]) as { weights: { name: string }[] };
  assert.ok(weights.some(({ name }) => name === "imagenet"));
  const { code, stderr } = await graft(["weights", "fetch", "imagenett"]);
  assert.equal(code, 1);
  assert.match(stderr, /^graft: Cannot fetch weights "imagenett": .*"imagenet".*\n$/);
});

Deno.test("--debug adds the stack to the line", async () => {
  const { code, stderr } = await graft(["inspect", "LICENSE", "--debug"], ["--allow-read=LICENSE"]);
  assert.equal(code, 1);
  assert.match(stderr, /^graft: Cannot read LICENSE: .*\nUserError: [^]*\n {4}at /);
});

Deno.test("Ctrl-C ends with 130 and leaves nothing half-written", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(600));
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", `--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
      ...["cli.ts", "train", data, "--weights", "random", "--image-size", "224"],
      ...["--out", folder.file("model.safetensors"), "--verbose"],
    ],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  for await (const chunk of process.stderr.pipeThrough(new TextDecoderStream())) {
    const before = said.includes("backend:");
    said += chunk;
    if (!before && said.includes("backend:")) process.kill("SIGINT"); // the features come next
  }
  assert.equal((await process.status).code, 130);
  assert.match(said, /graft: stopped by Ctrl-C\n$/);
  assert.deepEqual(folder.names(), ["data.csv"]);
});

Deno.test("the demo does the main job with what is inside graft, and reads and writes its folder alone", async () => {
  await using folder = await emptyFolder();
  const { code, stdout, stderr } = await graft(["demo", "--out", folder.path, "--rows", "100"], [
    `--allow-read=${folder.path}`,
    `--allow-write=${folder.path}`,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^The trunk is the starter inside graft[^\n]*\n/);
  for (const verb of ["sample", "train", "eval", "predict", "report"]) {
    assert.ok(stdout.includes(`\n$ graft ${verb} `), verb);
  }
  for (const file of ["clothes.safetensors", "report.html"]) {
    assert.ok(folder.names().includes(file), file);
  }
});
