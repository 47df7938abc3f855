import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import {
  balancedWeights,
  type ClassWeights,
  resolveClassWeights,
  weightsText,
} from "../../src/train/class_weights.ts";

// That they are scikit-learn's is shown by probe_test.ts on its fixtures.
Deno.test("balanced weights make all classes weigh alike, and the rows 1 on average", () => {
  const counts = [3, 17, 80];
  const weights = balancedWeights(counts);
  const masses = counts.map((count, k) => count * weights[k]);
  for (const mass of masses) assert.ok(Math.abs(mass - 100 / 3) < 1e-12);
  assert.deepEqual([...balancedWeights([5, 0, 5])], [1, 0, 1]);
});

const data = { classes: ["cat", "dog", "1"], counts: [10, 20, 30] };

Deno.test("weights by name, in order and by rule come to one for each class", () => {
  const rows = (given: ClassWeights | undefined) => {
    const weights = resolveClassWeights(given, data);
    return weights && [...weights];
  };
  assert.equal(rows(undefined), undefined);
  assert.deepEqual(rows("balanced"), [2, 1, 2 / 3]);
  assert.deepEqual(rows({ dog: 3, 1: 0.5 }), [1, 3, 0.5]);
  assert.deepEqual(rows([4, 5, 6]), [4, 5, 6]);
  assert.deepEqual(rows(Float32Array.of(4, 5, 6) as unknown as number[]), [4, 5, 6]);
  assert.deepEqual(rows({}), [1, 1, 1]);
});

Deno.test("weights that fit no class or are none are refused in one line", () => {
  const cases: [given: unknown, message: RegExp][] = [
    [{ bird: 2 }, /"bird" is none of the classes, which are "cat", "dog", "1"$/],
    [{ cat: 0 }, /that of class "cat" is 0, expected a number above 0$/],
    [{ cat: -1 }, /is -1/],
    [{ cat: Infinity }, /is Infinity/],
    [{ cat: "2" }, /is NaN/],
    [[1, 2], /there are 2, expected 3, one for each of "cat", "dog", "1"$/],
    ["even", /they are "even", expected "balanced" or a weight by class$/],
    [3, /they are 3/],
    [null, /they are null/],
    [{ "a\nb": 2 }, /"a b" is none/],
  ];
  for (const [given, message] of cases) {
    assert.throws(
      () => resolveClassWeights(given as ClassWeights, data),
      (error) =>
        error instanceof UserError && message.test(error.message) &&
        error.message.startsWith("Cannot use the class weights: ") &&
        !error.message.includes("\n"),
    );
  }
});

Deno.test("a class called __proto__ has a weight like any other", () => {
  const given = JSON.parse('{"__proto__": 2}');
  const weights = resolveClassWeights(given, { classes: ["a", "__proto__"], counts: [1, 1] });
  assert.deepEqual([...weights!], [1, 2]);
});

Deno.test("weights are told in six digits", () => {
  assert.equal(weightsText(Float64Array.of(1.5, 2 / 3, 1e-9)), "1.5 0.666667 1e-9");
});
