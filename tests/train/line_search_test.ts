import assert from "node:assert/strict";
import { searchLine } from "../../src/train/line_search.ts";

/** Runs the search on a function of one variable and counts its probes. */
function search(value: (t: number) => number, slope: (t: number) => number) {
  let probes = 0;
  const step = searchLine(
    (t) => {
      probes++;
      return { value: value(t), slope: slope(t) };
    },
    slope(0),
    value(0),
  );
  return { step, probes };
}

Deno.test("the line search takes two probes on a parabola, however far its minimum", () => {
  for (const minimum of [1e-6, 0.01, 3]) {
    const { step, probes } = search((t) => (t - minimum) ** 2, (t) => 2 * (t - minimum));
    assert.ok(Math.abs(step - minimum) <= 0.5 * minimum, `${minimum}: ${step}`);
    assert.ok(probes <= (minimum < 0.1 ? 10 : 3), `${minimum}: ${probes} probes`);
  }
});

Deno.test("the line search reaches a minimum far beyond the first step", () => {
  const { step, probes } = search((t) => (t - 1e5) ** 2, (t) => 2 * (t - 1e5));
  assert.ok(Math.abs(step - 1e5) <= 5e4, `${step}`);
  assert.ok(probes <= 8, `${probes} probes`);
});

Deno.test("the line search never accepts a higher value, though the slope be small", () => {
  // Falls steeply for 0.01, then rises gently.
  const { step } = search(
    (t) => t < 0.01 ? -t : -0.01 + 0.4 * (t - 0.01),
    (t) => t < 0.01 ? -1 : 0.4,
  );
  assert.ok(step > 0 && step < 0.035, `${step}`);
});

Deno.test("the line search gives 0 when no step lowers the value", () => {
  // A slope that lies, as rounding makes it do at a minimum.
  assert.equal(search((t) => t, (t) => t === 0 ? -1e-12 : 1).step, 0);
});
