// The assignment of `graft lab` as a user runs it, on a random trunk and a few drawn pictures.
import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import { emptyFolder, type Folder, graft, graftJson } from "./graft.ts";

/** The shortest assignment: pictures as small as the network takes. */
const SHORT = ["--weights", "random", "--image-size", "28", "--epochs", "2", "--quiet"];

/** A folder of PNG files, red squares and blue ones, named by their class. */
async function drawPictures(folder: Folder, count: number): Promise<string> {
  const path = folder.file("squares");
  await Deno.mkdir(path);
  const random = new RandomState(3);
  const side = 16;
  for (let i = 0; i < count; i++) {
    const red = i % 2 === 0;
    const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const x = Math.floor(at / 3) % side, y = Math.floor(at / 3 / side);
      const inside = x > 3 && x < 12 && y > 3 && y < 12 && at % 3 === (red ? 0 : 2);
      return random.interval(90) + (inside ? 160 : 0);
    });
    const name = `${red ? "red" : "blue"}.${i}.png`;
    await Deno.writeFile(
      `${path}/${name}`,
      await encodePng({ data, height: side, width: side, channels: 3 }),
    );
  }
  return path;
}

interface Phase {
  readonly costs: number[];
  readonly validationCosts: number[];
  readonly rates: { readonly rates: number[] };
  readonly train: { readonly accuracy: { readonly n: number } };
  readonly test: { readonly accuracy: { readonly n: number } };
}

Deno.test("lab does the assignment on pictures that are not the first part's, and writes one page", async () => {
  await using folder = await emptyFolder();
  const data = await drawPictures(folder, 12);
  const out = folder.file("out");
  const found = await graftJson(["lab", data, ...SHORT, "--out", out], [
    `--allow-read=${data}`,
    `--allow-write=${out}`,
  ]) as { assignment: Record<"extraction" | "fineTuning", Phase> & Record<string, unknown> } & {
    out: string[];
  };
  const { assignment } = found;
  assert.deepEqual(assignment.classes, ["blue", "red"]);
  assert.deepEqual([assignment.imageSize, assignment.batchSize, assignment.seed], [28, 10, 7]);
  for (const phase of [assignment.extraction, assignment.fineTuning]) {
    assert.deepEqual([phase.costs.length, phase.validationCosts.length], [2, 2]);
    assert.deepEqual([phase.train.accuracy.n, phase.test.accuracy.n], [10, 2]);
    assert.ok(phase.costs.every(Number.isFinite));
    assert.ok(phase.rates.rates.length > 10);
  }
  assert.deepEqual(found.out, [`${out}/assignment.html`]);
  const page = await Deno.readTextFile(found.out[0]);
  assert.match(page, /^<!doctype html>[^]*<\/html>\n$/);
  for (const letter of "ABCDEFG") assert.ok(page.includes(`<h2>${letter}. `), letter);
  assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name), ["assignment.html"]);
});

Deno.test("the assignment prints its parts for people", async () => {
  await using folder = await emptyFolder();
  const data = await drawPictures(folder, 12);
  const { code, stdout, stderr } = await graft(["lab", data, ...SHORT], [`--allow-read=${data}`]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.match(stdout, /^A\. The network and the data\nEfficientNet-B0 with the weights of random/);
  assert.match(stdout, /\nG\. Validation cost\nFeature extraction: validation cost is /);
});

Deno.test("data that the assignment cannot take leave no folder behind", async () => {
  await using folder = await emptyFolder();
  const data = await drawPictures(folder, 2); // one of each class: one is kept apart
  const out = folder.file("out");
  const { code, stdout, stderr } = await graft(["lab", data, ...SHORT, "--out", out], [
    `--allow-read=${data}`,
    `--allow-write=${out}`,
  ]);
  assert.deepEqual([code, stdout], [1, ""], stderr);
  assert.match(stderr, /^graft: Cannot [^\n]+\n$/);
  assert.deepEqual(folder.names(), ["squares"]);
});

Deno.test("--image-size is refused where the lab's first part is run", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("grey.csv");
  const header = Array.from({ length: 784 }, (_, i) => `p${i}`).join(",");
  const row = (label: number) => `${Array(784).fill(label * 9).join(",")},${label}`;
  const rows = Array.from({ length: 40 }, (_, i) => row(i % 2));
  await Deno.writeTextFile(data, [`${header},y`, ...rows, ""].join("\n"));
  const { code, stderr } = await graft(["lab", data, ...SHORT], [`--allow-read=${data}`]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^graft: --image-size is for the assignment; /);
});
