import assert from "node:assert/strict";
import { validationRows } from "../../src/classifier/validation_part.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";

/** Pictures of 1 x 1 with `counts[k]` of class k, in turn as long as there are any. */
function pictures(...counts: number[]): ImageDataset {
  const left = [...counts];
  const labels: string[] = [];
  while (left.some((count) => count > 0)) {
    left.forEach((count, k) => count > 0 && (labels.push(`${k}`), left[k]--));
  }
  return ImageDataset.fromPixels(new Uint8Array(labels.length), { shape: [1, 1, 1], labels });
}

const countsOf = (data: ImageDataset, rows: Int32Array) => [...data.subset(rows).classCounts()];

Deno.test("a tenth is kept for validation, fifty at least, no more than a fifth", () => {
  for (const [rows, expected] of [[900, 90], [400, 50], [200, 40], [60, 12]]) {
    const data = pictures(rows / 2, rows / 2);
    const { train, validation } = validationRows(data, { randomState: 5 })!;
    assert.deepEqual([validation.length, train.length], [expected, rows - expected]);
    assert.deepEqual(
      [...train, ...validation].sort((a, b) => a - b),
      Array.from({ length: rows }, (_, i) => i),
    );
  }
});

Deno.test("each class is judged in its share, by other rows with another seed", () => {
  const data = pictures(100, 50, 10);
  const { train, validation } = validationRows(data, { size: 0.2, randomState: 5 })!;
  assert.deepEqual(countsOf(data, validation), [20, 10, 2]);
  assert.deepEqual(countsOf(data, train), [80, 40, 8]);
  assert.deepEqual(validationRows(data, { size: 0.2, randomState: 5 })!.validation, validation);
  assert.notDeepEqual(validationRows(data, { size: 32, randomState: 6 })!.validation, validation);
});

Deno.test("a class with a single picture is learnt from", () => {
  const data = pictures(30, 30, 1);
  const { train, validation } = validationRows(data, { randomState: 5 })!;
  assert.deepEqual(countsOf(data, train)[2], 1);
  assert.equal(validation.length, 12);
});

Deno.test("nothing is kept apart when none is asked for, or unasked when too little is there", () => {
  assert.equal(validationRows(pictures(50, 50), { size: 0, randomState: 5 }), undefined);
  assert.equal(validationRows(pictures(4, 4), { randomState: 5 }), undefined);
  assert.equal(validationRows(pictures(1, 1), { randomState: 5 }), undefined);
});

Deno.test("sizes that make no sense, or leave a class out, are refused", () => {
  const cases: [ImageDataset, number, RegExp][] = [
    [pictures(50, 50), 1.5, /the size is 1\.5, expected a share below 1/],
    [pictures(50, 50), -1, /the size is -1/],
    [pictures(50, 50), NaN, /the size is NaN/],
    [pictures(50, 50), 100, /Cannot keep 100 of the 100 pictures/],
    [pictures(50, 50), 1, /at least one of each of the 2 classes/],
    [pictures(1, 1), 1, /Cannot keep 1 of the 2 pictures/],
  ];
  for (const [data, size, message] of cases) {
    assert.throws(
      () => validationRows(data, { size, randomState: 5 }),
      (error) => error instanceof UserError && message.test(error.message),
      `${size}`,
    );
  }
});
