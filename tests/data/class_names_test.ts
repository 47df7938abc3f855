import assert from "node:assert/strict";
import { matchClasses, orderClasses } from "../../src/data/class_names.ts";
import { ImageDataset } from "../../src/data/dataset.ts";

const ofParts = (labels: Record<string, string[]>) => {
  const raw = Object.keys(labels);
  return orderClasses(raw, { parts: raw.map((label) => new Set(labels[label])) });
};

Deno.test("spellings of different parts that differ by case only are one class, and that is noted", () => {
  const { classes, numberOf, notes } = ofParts({
    ANGER: ["test"],
    JOY: ["test"],
    anger: ["train"],
    joy: ["train"],
  });
  assert.deepEqual([classes, [...numberOf]], [["anger", "joy"], [0, 1, 0, 1]]);
  assert.deepEqual(notes, [
    'classes of the parts differ by case only: "ANGER" is read as "anger", "JOY" is read as "joy"',
  ]);
});

Deno.test("spellings that stand in one part together stay two classes, and that is noted", () => {
  const both = ofParts({ A: ["train", "test"], a: ["train"], B: ["train"] });
  assert.deepEqual(both.classes, ["A", "B", "a"]);
  assert.deepEqual(both.notes, [
    'classes that differ by case only stay apart: "A" and "a"; name them alike if they are one',
  ]);
  // Which of the two the third one would be, nobody knows.
  assert.deepEqual(ofParts({ Bus: ["train"], bus: ["train"], BUS: ["test"] }).classes.length, 3);
});

Deno.test("names of folders are not numbers: 1.0 and 1 are two versions", () => {
  assert.deepEqual(orderClasses(["1.0", "1"]), {
    classes: ["1", "1.0"],
    numberOf: Int32Array.of(1, 0),
    notes: [],
  });
});

Deno.test("classes of an older model are found though a table has 01 for them, never one for two", () => {
  assert.deepEqual(matchClasses(["01", "02"], ["1", "2", "3"]).places, [0, 1]);
  assert.deepEqual(matchClasses(["ANGER"], ["anger", "joy"]), {
    places: [0],
    notes: ['class "ANGER" is read as the known class "anger"'],
  });
  assert.deepEqual(matchClasses(["007", "7"], ["7"]).places, [-1, 0]);
  assert.deepEqual(matchClasses(["07"], ["7", "007"]).places, [-1]);
  const many = Array.from({ length: 9 }, (_, i) => `0${i}`);
  assert.equal(matchClasses(many, many.map((name) => name.slice(1))).notes.length, 4);
});

Deno.test("labels that a program gives are names as they are", () => {
  const data = (labels: string[] | number[]) =>
    ImageDataset.fromPixels(new Uint8Array(2), { shape: [1, 1, 1], labels });
  assert.deepEqual(data(["1.0", "01"]).classes, ["01", "1.0"]);
  assert.deepEqual(data([10, 9]).classes, ["9", "10"]);
});

Deno.test("withClasses notes a class that is written differently", () => {
  const data = ImageDataset.fromPixels(new Uint8Array(2), {
    shape: [1, 1, 1],
    labels: ["01", "02"],
  });
  const known = data.withClasses(["1", "2"]);
  assert.deepEqual([...known.labels], [0, 1]);
  assert.equal(known.notes.length, 2);
});

Deno.test("a hundred thousand labels, or labels of thousands of digits, are ordered in a moment", () => {
  const padded = Array.from({ length: 100_000 }, (_, i) => String(i + 1).padStart(8, "0"));
  const long = Array.from({ length: 20_000 }, (_, i) => "9".repeat(2000) + i);
  for (const labels of [padded, long]) {
    const began = performance.now();
    assert.equal(orderClasses(labels, { numbers: true }).classes.length, labels.length);
    const took = performance.now() - began; // comparing each label with all others took 10 s for 40,000
    assert.ok(took < 5000, `${took} ms`);
  }
  assert.deepEqual(orderClasses(["-0", "+0.0", "-1.", "10"], { numbers: true }).classes, [
    "-1",
    "0",
    "10",
  ]);
});
