import assert from "node:assert/strict";
import { reliabilityDiagram } from "../../src/report/reliability_diagram.ts";
import { parseXml } from "./well_formed.ts";

const BINS = [
  { low: 0, high: 0.5, count: 0, confidence: NaN, accuracy: NaN },
  { low: 0.5, high: 0.75, count: 10, confidence: 0.6, accuracy: 0.6 },
  { low: 0.75, high: 1, count: 40, confidence: 0.9, accuracy: 0.5 },
];

Deno.test("a bin that is as right as it says lies on the diagonal, a surer one below it", () => {
  const { elements } = parseXml(reliabilityDiagram({ title: "R", bins: BINS }));
  const [, x0, y0, x1, y1] = elements.find(({ attributes }) => attributes.class === "mark")!
    .attributes.d.match(/^M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)$/)!.map(Number);
  const points = elements.filter(({ tag }) => tag === "circle").map(({ attributes }) => [
    (Number(attributes.cx) - x0) / (x1 - x0),
    (Number(attributes.cy) - y0) / (y1 - y0),
  ]);
  assert.equal(points.length, 2, "empty bins are not drawn");
  [[0.6, 0.6], [0.9, 0.5]].forEach((expected, i) =>
    expected.forEach((value, j) => assert.ok(Math.abs(points[i][j] - value) < 1e-3))
  );
});

Deno.test("bars count the answers, in proportion", () => {
  const { elements, text } = parseXml(reliabilityDiagram({ title: "R", bins: BINS }));
  const heights = elements.filter(({ attributes }) => attributes.class === "bar hue-0")
    .map(({ attributes }) => attributes.d.match(/^M[\d.]+ ([\d.]+)V([\d.]+)/)!.slice(1).map(Number))
    .map(([bottom, top]) => bottom - top);
  assert.equal(heights.length, 2);
  assert.ok(Math.abs(heights[1] - 4 * heights[0]) < 0.05);
  assert.ok(text.includes("40"));
});

Deno.test("no answer at all is refused", () => {
  assert.throws(() => reliabilityDiagram({ title: "R", bins: BINS.slice(0, 1) }), RangeError);
});
