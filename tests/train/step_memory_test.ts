import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { type BatchVector, createVector } from "../../src/train/batch_vector.ts";
import { StepMemory } from "../../src/train/step_memory.ts";

const PROBLEMS = 2, LENGTH = 5;
/** A symmetric positive metric, as scaled products of rows are one. */
const METRIC = Array.from(
  { length: LENGTH },
  (_, i) => Array.from({ length: LENGTH }, (_, j) => (i === j ? 2 : 0) + 1 / (1 + i + j)),
);

/** Draws of vectors whose images are right. */
function vectors(metric: boolean) {
  const random = new RandomState(3);
  return (): BatchVector => {
    const vector = createVector(PROBLEMS * LENGTH, metric);
    for (let i = 0; i < vector.coords.length; i++) vector.coords[i] = random.randomDouble() - 0.5;
    if (!metric) return vector;
    vector.image.forEach((_, at) => {
      const [p, i] = [Math.floor(at / LENGTH), at % LENGTH];
      vector.image[at] = METRIC[i].reduce(
        (sum, value, j) => sum + value * vector.coords[p * LENGTH + j],
        0,
      );
    });
    return vector;
  };
}

const of = (vector: Float64Array, p: number) => [...vector.subarray(p * LENGTH, (p + 1) * LENGTH)];
const inner = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The two loops as the book has them, on arrays of one problem; `pairs` from old to new. */
function byTheBook(
  pairs: { s: number[]; y: number[]; times: (v: number[]) => number[] }[],
  gradient: number[],
): number[] {
  let q = gradient.map((value) => -value);
  const useful = pairs.filter(({ s, y, times }) => inner(s, times(y)) > 0);
  const alphas = useful.toReversed().map(({ s, y, times }) => {
    const alpha = inner(s, times(q)) / inner(s, times(y));
    q = q.map((value, i) => value - alpha * y[i]);
    return alpha;
  }).toReversed();
  const newest = useful.at(-1);
  if (newest) {
    const { s, y, times } = newest;
    const scale = inner(s, times(y)) / inner(y, times(y));
    q = q.map((value) => value * scale);
  }
  useful.forEach(({ s, y, times }, k) => {
    const beta = inner(y, times(q)) / inner(s, times(y));
    q = q.map((value, i) => value + (alphas[k] - beta) * s[i]);
  });
  return q;
}

for (const metric of [false, true]) {
  Deno.test(`directions are those of the two loops, ${metric ? "with" : "without"} a metric`, () => {
    const draw = vectors(metric);
    const times = (v: number[]) => metric ? METRIC.map((row) => inner(row, v)) : v;
    const memory = new StepMemory({ problems: PROBLEMS, length: LENGTH, metric, pairs: 3 });
    const seen: { s: number[]; y: number[]; times: typeof times }[][] = [[], []];
    const out = createVector(PROBLEMS * LENGTH, metric);
    let useless = 0;
    for (let round = 0; round < 12; round++) {
      const gradient = draw();
      for (let p = 0; p < PROBLEMS; p++) {
        for (const count of [0, 1, 2, 3, 10]) {
          memory.direct(p, count, gradient, out);
          const kept = seen[p].slice(-3);
          const expected = byTheBook(
            kept.slice(Math.max(0, kept.length - count)),
            of(gradient.coords, p),
          );
          const size = Math.max(...expected.map(Math.abs));
          const images = times(expected);
          of(out.coords, p).forEach((value, i) =>
            assert.ok(Math.abs(value - expected[i]) < 1e-4 * size, `${value} ${expected[i]}`)
          );
          of(out.image, p).forEach((value, i) =>
            assert.ok(Math.abs(value - images[i]) < 1e-3 * size, `${value} ${images[i]}`)
          );
        }
      }
      const [direction, before, after] = [draw(), draw(), draw()];
      memory.open();
      for (let p = 0; p < PROBLEMS; p++) {
        memory.remember(p, 0.5, { direction, before, after });
        const s = of(direction.coords, p).map((value) => 0.5 * value);
        const y = of(after.coords, p).map((value, i) => value - of(before.coords, p)[i]);
        useless += Number(inner(s, times(y)) <= 0);
        seen[p].push({ s, y, times });
      }
    }
    assert.ok(useless > 3 && useless < 21, `${useless} of 24 pairs curve the wrong way`);
  });
}
