// graft inspect on data: what it finds in words, as JSON and as a page, and what it refuses.
import assert from "node:assert/strict";
import { encodePng } from "../../src/data/encode_png.ts";
import { isReport } from "../../src/report/html_page.ts";
import { emptyFolder, FAST_FEATURES, graft, graftJson, sampleLines } from "./graft.ts";

/** 60 clothes; row 10 is row 5 with another label, row 20 is row 6, which the split keeps apart. */
const TWICE = sampleLines(60, (lines) => {
  const [pixels, label] = lines[5].split(/,(?=[^,]+$)/);
  lines[10] = `${pixels},${label === "bag" ? "coat" : "bag"}`;
  lines[20] = lines[6];
});

interface Found {
  readonly duplicates: readonly {
    readonly rows: readonly {
      readonly index: number;
      readonly name: string;
      readonly label: string;
    }[];
    readonly labelsDiffer: boolean;
    readonly acrossSplit: boolean;
  }[];
  readonly nearDuplicates: { readonly pairs: readonly unknown[] } | null;
  readonly labels: {
    readonly judged: number;
    readonly suspects: readonly Record<string, unknown>[];
  } | null;
  readonly [name: string]: unknown;
}

Deno.test("without weights, counts and equal pictures are told, and nothing else is needed", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, TWICE);
  const read = [`--allow-read=${data}`];
  const found = await graftJson(["inspect", data], read) as unknown as Found;
  assert.equal(found.kind, "data");
  assert.equal(found.pictures, 60);
  assert.deepEqual(found.split, { train: 54, test: 6 });
  assert.deepEqual(found.duplicates.map(({ rows }) => rows.map(({ name }) => name)), [
    ["row 5", "row 10"],
    ["row 6", "row 20"],
  ]);
  assert.deepEqual(found.duplicates[0].rows.map(({ index }) => index), [4, 9]);
  assert.deepEqual(found.duplicates.map((one) => one.labelsDiffer), [true, false]);
  assert.deepEqual(found.duplicates.map((one) => one.acrossSplit), [false, true]);
  assert.deepEqual([found.nearDuplicates, found.labels, found.weights], [null, null, null]);
  assert.deepEqual(found.out, []);

  const { stdout } = await graft(["inspect", data, "--test-size", "0"], read);
  assert.match(stdout, /\n {2}row 5 \([a-z -]+\) = row 10 \([a-z -]+\); different labels\n/);
  assert.match(stdout, /4 pictures in 2 groups of equal ones; 1 with different labels, 0 on both/);
  assert.match(stdout, /\nimbalance {4}the largest class has 1\.\d times the pictures/);
});

Deno.test("with weights, nearly equal pictures and labels are judged, and a page shows them", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("look")];
  await Deno.writeTextFile(data, TWICE);
  const args = ["inspect", data, "--weights", "random", "--image-size", "28", "--out", out];
  const found = await graftJson(args, [`--allow-read=${data}`, `--allow-write=${out}`]) as Found;
  assert.equal(found.labels!.judged, 60);
  for (const { name, label, suggested } of found.labels!.suspects) {
    assert.match(`${name}`, /^row \d+$/);
    assert.notEqual(label, suggested);
  }
  assert.equal((found.weights as Record<string, unknown>).variant, "torchvision");
  assert.deepEqual(found.out, [`${out}/audit.html`]);
  const page = await Deno.readTextFile(`${out}/audit.html`);
  assert.ok(isReport(page.slice(0, 512)));
  assert.match(
    page,
    /<h2>Equal pictures<\/h2>[^]*row 5 \([a-z -]+\)\nrow 10 \([a-z -]+\); different labels/,
  );
  assert.match(page, /<h2>Pictures of each class<\/h2>/);
  const shown = page.match(/<img src="data:image\/png;base64,/g)!.length;
  const suspects = found.labels!.suspects.length, pairs = found.nearDuplicates!.pairs.length;
  assert.equal(shown, 60 + 4 + 2 * pairs + suspects); // no class has more than twelve
  assert.ok(!page.includes(folder.path), "the page tells where the data lay");

  // An older page is replaced, another file is not.
  const all = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const again = ["inspect", data, "--out", out];
  assert.equal((await graft(again, all)).code, 0);
  assert.doesNotMatch(await Deno.readTextFile(`${out}/audit.html`), /<h2>Weights<\/h2>/);
  await Deno.writeTextFile(`${out}/audit.html`, "mine");
  const refused = await graft(again, all);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /audit\.html: there is a file that graft did not write/);
  assert.equal(await Deno.readTextFile(`${out}/audit.html`), "mine");
});

Deno.test("data without labels is counted, and it says why labels are not judged", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("bare.csv");
  const bare = sampleLines(
    12,
    (lines) => lines.forEach((line, i) => lines[i] = line.replace(/,[^,]*$/, "")),
  );
  await Deno.writeTextFile(data, bare);
  const args = ["inspect", data, "--weights", "random", "--image-size", "28", "--quiet"];
  const { code, stdout, stderr } = await graft(args, [`--allow-read=${data}`]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /: 12 pictures of 28 x 28, no labels\n\ncolours {6}12 grey\n/);
  assert.match(stdout, /\nlabels {7}not judged: there are none/);
});

Deno.test("folders are told with their parts, what was left out, and equal files across the parts", async () => {
  await using folder = await emptyFolder();
  const write = async (path: string, shade: number) => {
    await Deno.mkdir(folder.file(path.replace(/\/[^/]*$/, "")), { recursive: true });
    const data = new Uint8Array(12).fill(shade);
    await Deno.writeFile(
      folder.file(path),
      await encodePng({ data, height: 2, width: 2, channels: 3 }),
    );
  };
  for (const [i, path] of ["cat/a", "cat/b", "dog/c", "dog/d"].entries()) {
    await write(`pets/train/${path}.png`, i);
  }
  await write("pets/val/cat/e.png", 0);
  await write("pets/test/dog/f.png", 9);
  await Deno.writeTextFile(folder.file("pets/train/cat/torn <b>.jpg"), "text");
  const data = folder.file("pets"), out = folder.file("look");
  const permissions = [`--allow-read=${data}`, `--allow-write=${out}`];
  const args = ["inspect", data, "--out", out];
  const found = await graftJson(args, permissions) as unknown as Found;
  assert.deepEqual(found.split, { train: 4, validation: 1, test: 1 });
  const names = found.duplicates[0].rows.map(({ name }) => name.slice(data.length + 1));
  assert.deepEqual(names.sort(), ["train/cat/a.png", "val/cat/e.png"]);
  assert.deepEqual(found.duplicates.map((one) => one.acrossSplit), [true]);
  assert.deepEqual(found.colours, { RGB: 6 });
  assert.equal((found.skipped as unknown[]).length, 1);
  const page = await Deno.readTextFile(`${out}/audit.html`);
  assert.match(
    page,
    /<h2>Files left out<\/h2>[^]*torn &lt;b&gt;\.jpg<\/td><td>it is text, expected/,
  );
  assert.ok(!page.includes(folder.path), "the page tells where the data lay");
  const anew = await graft(["inspect", data, "--test-size", "2"], permissions);
  assert.match(anew.stdout, /\nsplit {8}4 train, 2 test\n/);
  assert.match(anew.stdout, /\nfiles left out:\n {2}train\/cat\/torn <b>\.jpg: it is text/);
});

Deno.test("a split that cannot be made is told, and the rest all the same", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("one.csv");
  await Deno.writeTextFile(data, sampleLines(1));
  const { code, stdout, stderr } = await graft(["inspect", data], [`--allow-read=${data}`]);
  assert.equal(code, 0);
  assert.match(stderr, /^graft: no split was looked at: Cannot split 1 row[^\n]+\n$/);
  assert.match(stdout, /: 1 picture of 28 x 28, 1 class\n/);
});

Deno.test("flags that do not go with what is looked at are refused", async () => {
  await using folder = await emptyFolder();
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const [data, features] = [folder.file("data.csv"), folder.file("f.safetensors")];
  await Deno.writeTextFile(data, sampleLines(20));
  const extracted = await graft(
    ["extract", data, ...FAST_FEATURES, "--out", features],
    permissions,
  );
  assert.equal(extracted.code, 0, extracted.stderr);
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["inspect", data, "--image-size", "28"], 2, /--image-size needs --weights NAME\|PATH\|URL/],
    [["inspect", data, "--variant", "google"], 2, /--variant needs --weights/],
    [
      ["inspect", features, "--weights", "random", "--stratify"],
      2,
      /--stratify and --weights belongs to data, but .* holds tensors; leave it out/,
    ],
    [
      ["inspect", data, "--weights", "imagenett"],
      1,
      /"imagenett": the name is unknown, known are/,
    ],
    [
      ["inspect", data, "--out", `${data}/b`],
      1,
      /Cannot write to .*data\.csv\/b: .*choose another place/,
    ],
    [
      ["inspect", data, "--test-size=-1"],
      2,
      /--test-size is "-1", expected a number of at least 0/,
    ],
    [["inspect", folder.file("none.csv")], 1, /none\.csv: there is no such file/],
  ];
  const before = folder.names();
  for (const [args, code, message] of cases) {
    const outcome = await graft(args, permissions);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.stdout, "");
  }
  assert.deepEqual(folder.names(), before);
});
