import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { stratifiedKFold, trainTestSplit } from "../../src/data/split.ts";

interface Split {
  n: number;
  testSize: number;
  randomState: number;
  stratify: number[] | null;
  train: number[];
  test: number[];
}

interface Folds {
  folds: number;
  randomState: number;
  labels: number[];
  expected: number[];
}

/** Made by tests/fixtures/make_data_split.py with scikit-learn. */
const reference: { splits: Split[]; folds: Folds[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/data_split.json", import.meta.url)),
);

for (const { n, testSize, randomState, stratify, train, test } of reference.splits) {
  const kind = stratify ? "stratified" : "plain";
  Deno.test(`a ${kind} split of ${n} by ${testSize}, seed ${randomState}, is scikit-learn's`, () => {
    const parts = trainTestSplit(n, { testSize, randomState, stratify: stratify ?? undefined });
    assert.deepEqual([...parts.train], train);
    assert.deepEqual([...parts.test], test);
  });
}

for (const { folds, randomState, labels, expected } of reference.folds) {
  Deno.test(`${folds} folds of ${labels.length} rows, seed ${randomState}, are scikit-learn's`, () => {
    assert.deepEqual([...stratifiedKFold(labels, { folds, randomState })], expected);
  });
}

Deno.test("the defaults are the lab's: a tenth for testing, seed 5", () => {
  const { train, test } = trainTestSplit(1000);
  assert.deepEqual([...train], reference.splits[0].train);
  assert.deepEqual([...test], reference.splits[0].test);
});

/** Asserts a one-line {@linkcode UserError} that holds each of `parts`. */
function refuses(action: () => unknown, ...parts: string[]): void {
  assert.throws(action, (error: Error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(!error.message.includes("\n"), error.message);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

Deno.test("a class with one row cannot be stratified, and is named", () => {
  refuses(
    () => trainTestSplit(5, { testSize: 2, stratify: [0, 0, 1, 0, 0] }),
    'class "1" has one row',
  );
  refuses(
    () => trainTestSplit(5, { testSize: 2, stratify: [0, 0, 1, 0, 0], classes: ["coat", "bag"] }),
    'class "bag" has one row',
  );
});

Deno.test("a stratified part smaller than the number of classes is refused", () => {
  const stratify = [0, 0, 0, 1, 1, 1, 2, 2, 2];
  refuses(
    () => trainTestSplit(9, { testSize: 2, stratify }),
    "the test part would have 2 rows",
    "3 classes",
  );
  refuses(
    () => trainTestSplit(9, { testSize: 7, stratify }),
    "the training part would have 2 rows",
  );
});

Deno.test("a test size that leaves nothing to train on is refused", () => {
  refuses(() => trainTestSplit(10, { testSize: 10 }), "10 rows", "leaves none to train on");
  refuses(() => trainTestSplit(1, { testSize: 0.5 }), "1 row:");
  refuses(() => trainTestSplit(0), "0 rows");
  refuses(() => trainTestSplit(5, { testSize: 0.99 }), "leaves none to train on");
});

Deno.test("a test size that is no share and no count is refused with its value", () => {
  for (const testSize of [0, -1, 1.5, NaN]) {
    refuses(() => trainTestSplit(10, { testSize }), `the test size is ${testSize}`);
  }
});

Deno.test("a bad seed is refused as the user's", () => {
  refuses(() => trainTestSplit(10, { randomState: -3 }), "the seed is -3");
});

Deno.test("more folds than any class has rows are refused", () => {
  refuses(
    () => stratifiedKFold([0, 0, 1], { folds: 3, randomState: 0 }),
    "largest class has 2 rows",
  );
  refuses(() => stratifiedKFold([0, 0, 1], { folds: 1, randomState: 0 }), "number of folds is 1");
});
