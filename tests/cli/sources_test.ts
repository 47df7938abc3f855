// Every verb that reads pictures, on folders and archives, with no more permissions than their help names.
import assert from "node:assert/strict";
import { encodePng } from "../../src/data/encode_png.ts";
import { drawSample } from "../../src/data/sample.ts";
import { emptyFolder, FAST, FAST_FEATURES, graft, graftJson } from "./graft.ts";

const FEW = FAST.filter((flag) => flag !== "--quiet");

/** Writes drawn clothes of two kinds as PNG files; `path` says where the picture of a kind goes. */
async function writePictures(
  folder: string,
  path: (kind: string, i: number) => string,
  rows = 120,
): Promise<void> {
  const data = drawSample({ rows });
  for (const [i, image] of (await data.images([...data.labels.keys()])).entries()) {
    if (data.labels[i] > 1) continue;
    const file = `${folder}/${path(data.labels[i] === 0 ? "shirt" : "trousers", i)}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(file, await encodePng(image));
  }
}

Deno.test("a folder trains, is scored, named and extracted with the folder's permission alone", async () => {
  await using files = await emptyFolder();
  const [pets, model, features] = ["pets ä", "m.safetensors", "f.safetensors"].map(files.file);
  await writePictures(pets, (kind, i) => `${kind}/${i} x.png`);
  await Deno.writeTextFile(`${pets}/shirt/broken.png`, "no picture");
  await Deno.writeTextFile(`${pets}/README.md`, "clothes");

  const trained = await graft(
    ["train", pets, ...FEW, "--out", model, "--stratify", "--test-size", "0.25"],
    [`--allow-read=${pets}`, `--allow-write=${model}`],
  );
  assert.equal(trained.code, 0, trained.stderr);
  assert.match(trained.stdout, /^accuracy {2}\d\.\d+ .* 6 pictures\)$/m);
  const left = `left out ${pets}/shirt/broken.png: it is text, expected a JPEG or PNG picture`;
  assert.ok(trained.stderr.includes(`graft: ${left}\n`), trained.stderr);
  assert.match(trained.stderr, /1 file left out, 24 pictures remain; --on-error stop stops/);
  assert.match(trained.stderr, /passed over 1 file without pictures/);

  const reads = [`--allow-read=${pets},${model}`];
  const scored = await graftJson(["eval", model, pets], reads);
  assert.deepEqual(scored.classes, ["shirt", "trousers"]);
  assert.equal((scored.accuracy as { n: number }).n, 24);

  const named = await graftJson(["predict", model, pets, "--top", "1"], reads);
  const predictions = named.predictions as { file: string; row: number; label: string }[];
  assert.equal(predictions.length, 24);
  assert.ok(
    predictions.every(({ file }) => file.startsWith(`${pets}/`) && file.endsWith(" x.png")),
  );
  assert.ok(predictions.every(({ row }) => row === 1));
  const right = predictions.filter(({ file, label }) => file.includes(`/${label}/`)).length;
  assert.equal(right / 24, (scored.accuracy as { value: number }).value);

  // All pictures to train on, none for a score.
  const whole = await graftJson(
    ["train", pets, ...FAST, "--out", model, "--test-size", "0"],
    [`--allow-read=${pets}`, `--allow-write=${model}`],
  );
  assert.deepEqual([whole.accuracy, (whole.split as { train: number }).train], [null, 24]);
  const kept = await graft(["inspect", model], [`--allow-read=${model}`]);
  assert.match(kept.stdout, /split +24 to train on, 0 apart/);

  const extracted = await graftJson(
    ["extract", pets, ...FAST_FEATURES, "--out", features],
    [`--allow-read=${pets}`, `--allow-write=${features}`],
  );
  assert.deepEqual([extracted.rows, extracted.classes], [24, ["shirt", "trousers"]]);

  const stopped = await graft(["train", pets, ...FAST, "--on-error", "stop"], reads);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /^graft: Cannot read .*broken\.png: it is text[^\n]*\n$/);
});

Deno.test("a folder that comes divided is scored on its own test part", async () => {
  await using files = await emptyFolder();
  const pets = files.file("pets");
  await writePictures(pets, (kind, i) => `${i % 4 === 0 ? "test" : "train"}/${kind}/${i}.png`);
  const reads = [`--allow-read=${pets}`];
  const test = [...Deno.readDirSync(`${pets}/test`)].flatMap(({ name }) => [
    ...Deno.readDirSync(`${pets}/test/${name}`),
  ]).length;
  const given = await graft(["train", pets, ...FEW, "--json"], reads);
  assert.equal(given.code, 0, given.stderr);
  const told = `the data come divided: ${24 - test} pictures to train on, the ${test} of the test`;
  assert.ok(given.stderr.includes(told), given.stderr);
  const { split } = JSON.parse(given.stdout);
  assert.deepEqual([split.train, split.test, split.testSize], [24 - test, test, test]);

  const model = files.file("m.safetensors");
  const keeps = [`--allow-read=${pets},${model}`, `--allow-write=${model}`];
  assert.equal((await graft(["train", pets, ...FAST, "--out", model], keeps)).code, 0);
  const all = await graft(["eval", model, pets, "--json"], keeps);
  assert.match(all.stderr, /all parts are scored; name the folder of one/);
  assert.equal(JSON.parse(all.stdout).accuracy.n, 24);
  const alone = await graftJson(["eval", model, `${pets}/test`], keeps);
  assert.deepEqual(alone.accuracy, JSON.parse(given.stdout).accuracy);

  const drawn = await graft(["train", pets, ...FEW, "--json", "--test-size", "5"], reads);
  assert.equal(JSON.parse(drawn.stdout).split.test, 5);
  assert.match(drawn.stderr, /own parts are not used/);
  const refused = await graft(["train", pets, ...FAST, "--stratify"], reads);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /it comes divided; leave out --stratify/);
});

Deno.test("classes in file names are told, and --label-from finds others", async () => {
  await using files = await emptyFolder();
  const pets = files.file("pets");
  await writePictures(pets, (kind, i) => `${kind}.${i}.png`, 60);
  const reads = [`--allow-read=${pets}`];
  const byName = await graft(["train", pets, ...FEW, "--json"], reads);
  assert.equal(byName.code, 0, byName.stderr);
  assert.deepEqual(JSON.parse(byName.stdout).classes, ["shirt", "trousers"]);
  assert.deepEqual(JSON.parse(byName.stderr.split("\n")[0]), {
    event: "note",
    message: 'the classes are taken from the file names: "shirt", "trousers"',
  });
  const byPattern = await graftJson(["train", pets, ...FAST, "--label-from", "^(.)"], reads);
  assert.deepEqual(byPattern.classes, ["s", "t"]);
  const bad = await graft(["train", pets, ...FAST, "--label-from", "("], reads);
  assert.match(bad.stderr, /^graft: Cannot use the pattern "\(": [^\n]+\n$/);
  const wrong = await graft(["train", pets, ...FAST, "--label", "y"], reads);
  assert.match(
    wrong.stderr,
    /^graft: Cannot read [^\n]+: no table in it has labels of its images in a column "[^\n]+ \(--label\)\n$/,
  );
  const form = await graft(["train", pets, ...FAST, "--format", "tiff"], reads);
  assert.equal(form.code, 2);
  assert.match(form.stderr, /--format is "tiff", expected "folder", "zip"/);
});

Deno.test("one class, and a class of one picture, are one clear line", async () => {
  await using files = await emptyFolder();
  const [one, lonely] = [files.file("one"), files.file("lonely")];
  await writePictures(one, (_, i) => `clothes/x${i}y.png`, 40);
  await writePictures(lonely, (kind, i) => kind === "shirt" ? `shirt/${i}.png` : "odd/1.png", 60);
  const cases: [folder: string, flags: string[], line: RegExp][] = [
    [one, [], /Cannot train on .*: all \d+ pictures are of class "clothes", expected at least 2/],
    [lonely, ["--stratify"], /class "odd" has one row, expected at least 2/],
  ];
  for (const [folder, flags, line] of cases) {
    const { code, stderr } = await graft(
      ["train", folder, ...FAST, ...flags],
      [`--allow-read=${folder}`],
    );
    assert.equal(code, 1, stderr);
    assert.match(stderr, line);
    assert.match(stderr, /^[^\n]+\n$/);
  }
  const learnt = await graft(
    ["train", lonely, ...FEW, "--test-size", "0"],
    [`--allow-read=${lonely}`],
  );
  assert.equal(learnt.code, 0, learnt.stderr);
  assert.match(learnt.stderr, /classes with a single picture to learn from: "odd"\n/);
});

Deno.test("a folder that Deno may not read is named with the flag that lets it", async () => {
  await using files = await emptyFolder();
  await writePictures(files.file("pets"), (kind, i) => `${kind}/${i}.png`, 40);
  const { code, stderr } = await graft(["train", files.file("pets"), ...FAST]);
  assert.equal(code, 1);
  assert.match(stderr, /; run with --allow-read=[^\n]*\/pets\n$/);
  // A folder within that is forbidden is left out, and said so.
  const part = await graft(["train", files.file("pets"), ...FEW], [
    `--allow-read=${files.file("pets")}`,
    `--deny-read=${files.file("pets/shirt")}`,
  ]);
  assert.match(part.stderr, /left out \S+\/pets\/shirt: Deno may not read it/);
  assert.match(part.stderr, /expected at least 2 classes/);
});
