import assert from "node:assert/strict";
import { intervalChart, type IntervalPoint } from "../../src/report/interval_chart.ts";
import { parseXml } from "./well_formed.ts";

const chart = (
  points: readonly IntervalPoint[],
  level?: { readonly name: string; readonly value: number },
) => intervalChart({ title: "Curve", xLabel: "pictures", yLabel: "accuracy", points, level });
const point = (x: number, value: number, half = 0.1) => ({
  ...{ x, value, low: value - half, high: value + half },
});
const dots = (svg: string) =>
  parseXml(svg).elements.filter(({ tag }) => tag === "circle")
    .map(({ attributes }) => [Number(attributes.cx), Number(attributes.cy)]);

Deno.test("doubling is the same step everywhere along the bottom", () => {
  const [a, b, c, d] = dots(chart([100, 200, 400, 1600].map((x) => point(x, 0.5))));
  assert.ok(Math.abs((b[0] - a[0]) - (c[0] - b[0])) < 0.05);
  assert.ok(Math.abs((d[0] - c[0]) - 2 * (c[0] - b[0])) < 0.05);
});

Deno.test("an interval reaches from its lower to its upper end, around the estimate", () => {
  const svg = chart([point(1, 0.4), point(10, 0.6, 0.2)]);
  const whiskers = parseXml(svg).elements
    .filter(({ attributes }) => attributes.class?.startsWith("whisker"))
    .map(({ attributes }) =>
      attributes.d.match(/^M[\d.]+ ([\d.]+)V([\d.]+)/)!.slice(1).map(Number)
    );
  dots(svg).forEach(([, y], i) => {
    const [top, bottom] = whiskers[i];
    assert.ok(top < y && y < bottom);
    assert.ok(Math.abs((top + bottom) / 2 - y) < 0.05);
  });
  const [first, second] = whiskers.map(([top, bottom]) => bottom - top);
  assert.ok(Math.abs(second - 2 * first) < 0.05);
});

Deno.test("figures are read aloud, and stand where they do not touch", () => {
  const svg = chart([point(98, 0.5), point(99, 0.6), point(100, 0.7)]);
  const { elements: [{ attributes }], text } = parseXml(svg);
  assert.match(attributes["aria-label"], /98: 0\.500 \(0\.400 to 0\.600\); 99: 0\.600/);
  assert.ok(text.includes("100") && text.includes("98"));
  const near = chart([point(998, 0.5), point(999, 0.6), point(1, 0.7)].sort((a, b) => a.x - b.x));
  assert.ok(!parseXml(near).text.includes("998"), "labels that would touch");
});

Deno.test("a level to compare with lies within the chart", () => {
  const svg = chart([point(10, 0.9)], { name: "guessing <1>", value: 0.1 });
  const { elements, text } = parseXml(svg);
  const [, y] = elements.find(({ attributes }) => attributes.class === "mark")!.attributes.d
    .match(/^M[\d.]+ ([\d.]+)H/)!;
  assert.ok(Number(y) > dots(svg)[0][1] && Number(y) < 360);
  assert.ok(text.includes("guessing &lt;1&gt;"));
});

Deno.test("what cannot be drawn is refused", () => {
  for (const points of [[], [point(0, 0.5)], [point(1, NaN)]]) {
    assert.throws(() => chart(points), /Cannot draw "Curve"/);
  }
});
