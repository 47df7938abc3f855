import assert from "node:assert/strict";
import { createVector } from "../../src/train/batch_vector.ts";
import { type BatchObjective, minimise } from "../../src/train/lbfgs.ts";

/** Sums of `c cosh(x - a) + q (x - a)²` per problem: convex, with known minima `a`. */
function bowls(minima: readonly (readonly number[])[], stiffness: readonly number[]) {
  const problems = minima.length, length = minima[0].length;
  const point = createVector(problems * length, false);
  const calls = { gradient: [] as number[][] };
  let direction = point;
  const slopeAt = (p: number, j: number, x: number) =>
    stiffness[j] * Math.sinh(x - minima[p][j]) + 0.2 * (x - minima[p][j]);
  const valueAt = (p: number, j: number, x: number) =>
    stiffness[j] * (Math.cosh(x - minima[p][j]) - 1) + 0.1 * (x - minima[p][j]) ** 2;
  const along = (p: number, step: number) => {
    let value = 0, slope = 0;
    for (let j = 0; j < length; j++) {
      const at = p * length + j;
      const x = point.coords[at] + step * (step === 0 ? 0 : direction.coords[at]);
      value += valueAt(p, j, x);
      slope += slopeAt(p, j, x) * direction.coords[at];
    }
    return { value, slope };
  };
  const objective: BatchObjective = {
    problems,
    length,
    metric: false,
    point,
    gradient(which, out) {
      calls.gradient.push([...which]);
      for (const p of which) {
        for (let j = 0; j < length; j++) {
          out.coords[p * length + j] = slopeAt(p, j, point.coords[p * length + j]);
        }
      }
    },
    aim(which, aimed) {
      direction = aimed;
      return Float64Array.from(which, (p) => along(p, 0).slope);
    },
    value: (p) => along(p, 0).value,
    probe: along,
    move(p, step) {
      for (let i = p * length; i < (p + 1) * length; i++) {
        point.coords[i] += step * direction.coords[i];
      }
    },
    gap: (square) => square / (2 * 0.2),
  };
  return { objective, calls };
}

const stiffness = [1, 30, 0.01, 5];

Deno.test("L-BFGS finds the minima of several problems, each its own", async () => {
  const minima = [[1, -2, 3, 0.5], [0, 0, 0, 0.1], [-1, 4, 2, 2]];
  const { objective } = bowls(minima, stiffness);
  const report = await minimise(objective, { tolerance: 1e-14 });
  assert.ok(report.converged && report.gap <= 1e-14, JSON.stringify(report));
  assert.ok(report.iterations < 60, `${report.iterations}`);
  minima.flat().forEach((expected, i) =>
    assert.ok(Math.abs(objective.point.coords[i] - expected) < 1e-6, `${i}`)
  );
});

Deno.test("a solved problem is left alone while the others go on", async () => {
  const { objective, calls } = bowls([[0, 0, 0, 0], [1, -2, 3, 0.5]], stiffness);
  await minimise(objective, { tolerance: 1e-10 });
  assert.deepEqual(calls.gradient[0], [0, 1]); // the first problem starts at its minimum
  for (const which of calls.gradient.slice(1)) assert.deepEqual(which, [1]);
  assert.deepEqual([...objective.point.coords.subarray(0, 4)], [0, 0, 0, 0]);
});

Deno.test("problems that are solved together get the answers they get alone", async () => {
  const minima = [[1, -2, 3, 0.5], [-1, 4, 2, 2]];
  const together = bowls(minima, stiffness).objective;
  await minimise(together, { tolerance: 1e-10 });
  for (const p of [0, 1]) {
    const alone = bowls([minima[p]], stiffness).objective;
    await minimise(alone, { tolerance: 1e-10 });
    assert.deepEqual(together.point.coords.slice(4 * p, 4 * p + 4), alone.point.coords);
  }
});

Deno.test("an unreachable tolerance ends without convergence, and the report says so", async () => {
  const few = await minimise(bowls([[1, -2, 3, 0.5]], stiffness).objective, {
    tolerance: 1e-10,
    maxIterations: 2,
  });
  assert.deepEqual([few.converged, few.iterations], [false, 2]);
  const { objective } = bowls([[1, -2, 3, 0.5]], stiffness);
  const { gradient } = objective;
  objective.gradient = (which, out) => { // as inexact as float32
    gradient(which, out);
    for (let i = 0; i < out.coords.length; i++) {
      out.coords[i] = Math.round(out.coords[i] * 1e4) / 1e4 + 3e-5;
    }
  };
  const inexact = await minimise(objective, { tolerance: 1e-12 });
  assert.ok(!inexact.converged && inexact.iterations < 100, JSON.stringify(inexact));
});

Deno.test("an abort ends the minimisation with its reason", async () => {
  const { objective } = bowls([[1, -2, 3, 0.5]], stiffness);
  await assert.rejects(
    minimise(objective, { tolerance: 0, signal: AbortSignal.abort(new Error("enough")) }),
    /enough/,
  );
});
