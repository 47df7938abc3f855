// Data of which a class would not be learnt: said in words of the data as they were given.
import assert from "node:assert/strict";
import { checkDivision } from "../../src/cli/check_division.ts";
import { ImageDataset } from "../../src/data/dataset.ts";

/** Pictures of one pixel with these labels. */
function dataOf(labels: readonly string[], classes?: readonly string[]): ImageDataset {
  const pixels = new Uint8Array(labels.length);
  return ImageDataset.fromPixels(pixels, { shape: [1, 1, 1], labels: [...labels], classes });
}

/** The division into `train` and the rest. */
function divided(data: ImageDataset, train: readonly number[]) {
  const rows = Array.from({ length: data.length }, (_, row) => row);
  return {
    train: Int32Array.from(train),
    test: Int32Array.from(rows.filter((row) => !train.includes(row))),
  };
}

const CASES: [
  name: string,
  data: ImageDataset,
  train: number[],
  asItCame: boolean,
  message: RegExp,
][] = [
  [
    "a single class is counted whole",
    dataOf(["a", "a", "a"]),
    [0, 1],
    false,
    /^Cannot train on .*: all 3 pictures are of class "a", expected at least 2 classes; add/,
  ],
  [
    "a class without pictures",
    dataOf(["a", "a", "b"], ["a", "b", "c"]),
    [0, 2],
    false,
    /class "c" has no pictures; add some, or leave the class out$/,
  ],
  [
    "a class whose only picture is kept apart",
    dataOf(["a", "a", "b"]),
    [0, 1],
    false,
    /class "b" has nothing to learn from, since its only picture is in the test part; add more,/,
  ],
  [
    "a class of which all pictures are kept apart by chance",
    dataOf(["a", "a", "b", "b"]),
    [0, 1],
    false,
    /since its 2 pictures are all in the test part; use --stratify, which divides each class$/,
  ],
  [
    "a class that a test part alone has",
    dataOf(["a", "c", "b", "b"]),
    [0, 1],
    true,
    /class "b" .*; add some to the training part, or divide the data anew with --test-size$/,
  ],
];

for (const [name, data, train, asItCame, message] of CASES) {
  Deno.test(`${name} is refused`, () => {
    const check = () => checkDivision(data, divided(data, train), { asItCame });
    assert.throws(check, { name: "UserError", message });
  });
}

Deno.test("data of which every class is learnt pass", () => {
  const data = dataOf(["a", "b", "a", "b"]);
  checkDivision(data, divided(data, [0, 1]), { asItCame: false });
});
