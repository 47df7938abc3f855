// What train says unasked, and eval of images that a model was trained on.
import assert from "node:assert/strict";
import { weakClasses, weakClassLines } from "../../src/cli/weak_classes.ts";
import { sampleCsv } from "../../src/data/sample.ts";
import { emptyFolder, graft, graftJson } from "./graft.ts";

const linesOf = (options: Parameters<typeof sampleCsv>[0]) =>
  [...sampleCsv(options)].join("").trim().split("\n");

Deno.test("train tells the baseline, weak classes and duplicates across its split; eval what it was trained on", async () => {
  await using folder = await emptyFolder();
  const [header, ...rows] = linesOf({ rows: 60 });
  const csv = folder.file("clothes.csv");
  // Each row twice: a test row has its copy among those to train on, unless both are test rows.
  await Deno.writeTextFile(csv, [header, ...rows, ...rows].join("\n") + "\n");
  const model = folder.file("clothes.safetensors");
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const args = ["train", csv, "--weights", "starter", "--method", "probe", "--out", model];
  const { code, stdout, stderr } = await graft(args, permissions);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /\d+ of the 12 test images are trained on, too \(exact duplicates\), so the/,
  );
  assert.match(stdout, /\nbaseline {2}always guessing the commonest class: 0\.\d{3}/);
  assert.match(stdout, /\nclasses {3}few test images: /);

  const json = await graftJson(args, permissions);
  const repeated = json.repeated as { test: number; labelsDiffer: number };
  assert.ok(repeated.test >= 8 && repeated.labelsDiffer === 0, JSON.stringify(repeated));
  assert.equal(typeof json.baseline, "number");
  assert.ok((json.weakClasses as unknown[]).length > 0);
  assert.ok(!JSON.stringify(json).includes("trainedOn"));
  const inspected = await graftJson(["inspect", model], permissions);
  assert.ok(!JSON.stringify(inspected).includes("trainedOn"));

  // Half of the rows, in another file: not the data that it was made from, but images that it knows.
  const part = folder.file("part.csv");
  const strangers = linesOf({ rows: 30, randomState: 9 });
  await Deno.writeTextFile(part, [header, ...rows, ...strangers.slice(1)].join("\n") + "\n");
  const scored = await graft(["eval", model, part], permissions);
  assert.match(
    scored.stderr,
    /was trained on \d+ of these 90 images, so these scores are optimistic/,
  );
  const found = (await graftJson(["eval", model, part], permissions)).trainedOn as number;
  assert.ok(found >= 50 && found <= 60, `${found}`);
  const other = folder.file("other.csv");
  await Deno.writeTextFile(other, strangers.join("\n") + "\n");
  const fresh = await graft(["eval", model, other, "--json"], permissions);
  assert.equal(JSON.parse(fresh.stdout).trainedOn, 0);
  assert.doesNotMatch(fresh.stderr, /optimistic/);
});

Deno.test("classes with few test images or a low recall are told, the lowest first", () => {
  const evaluation = {
    accuracy: { value: 0.7, low: 0.6, high: 0.8, n: 64 },
    confusion: [[29, 1, 0], [15, 15, 0], [1, 0, 3]],
    perClass: ["cat", "dog", "owl"].map((name, k) => ({
      ...{ name, precision: 1, recall: 1, f1: 1, support: [30, 30, 4][k] },
    })),
  };
  evaluation.confusion[1] = [16, 14, 0];
  const weak = weakClasses(evaluation);
  assert.deepEqual(weak, [
    { name: "dog", correct: 14, images: 30, why: "low recall" },
    { name: "owl", correct: 3, images: 4, why: "few test images" },
  ]);
  assert.deepEqual(weakClassLines(weak), [
    "low recall: dog (14 of 30 correct)",
    "few test images: owl (3 of 4 correct)",
  ]);
});
