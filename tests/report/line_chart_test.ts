import assert from "node:assert/strict";
import { lineChart } from "../../src/report/line_chart.ts";
import { parseXml } from "./well_formed.ts";

const LABELS = { title: "Cost", xLabel: "epoch", yLabel: "cost, summed" };
const chart = (...values: number[][]) =>
  lineChart({ ...LABELS, series: values.map((one, i) => ({ name: `run ${i}`, values: one })) });

/** The points of each curve that has at least two. */
function curvesOf(svg: string): { points: number[][]; look: string }[] {
  return parseXml(svg).elements
    .filter(({ tag, attributes }) => tag === "path" && /^curve/.test(attributes.class))
    .filter(({ attributes }) => !attributes.d.includes("h")) // the legend's samples
    .map(({ attributes }) => ({
      points: [...attributes.d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [+x, +y]),
      look: `${attributes.class} ${attributes["stroke-dasharray"]}`,
    }));
}

Deno.test("a chart is well-formed, and says what it shows to those who do not see it", () => {
  const { elements: [svg], text } = parseXml(chart([3, 2, 1], [4, 4, 4]));
  assert.equal(svg.tag, "svg");
  assert.equal(svg.attributes.role, "img");
  assert.equal(svg.attributes["aria-label"], "Cost: cost, summed by epoch (run 0, run 1)");
  assert.equal(svg.attributes.xmlns, "http://www.w3.org/2000/svg");
  for (const words of ["Cost", "epoch", "cost, summed", "run 0", "run 1"]) {
    assert.ok(text.includes(words), words);
  }
});

Deno.test("names from outside cannot become markup", () => {
  const evil = `</text><script>alert("1")</script>&`;
  const svg = lineChart({
    title: evil,
    xLabel: evil,
    yLabel: evil,
    series: [{ name: evil, values: [1, 2] }, { name: evil, values: [2, 1] }],
  });
  const { elements } = parseXml(svg);
  assert.ok(elements.every(({ tag }) => ["svg", "style", "rect", "path", "text"].includes(tag)));
});

Deno.test("a curve passes through its values, in proportion", () => {
  const [{ points }] = curvesOf(chart([10, 20, 15, 10]));
  assert.equal(points.length, 4);
  const [a, b, c, d] = points;
  assert.ok(Math.abs(b[0] - a[0] - (d[0] - c[0])) < 0.02, "steps along the bottom are alike");
  assert.ok(a[0] < b[0] && b[0] < c[0] && c[0] < d[0]);
  assert.ok(b[1] < c[1] && c[1] < a[1], "greater stands higher");
  assert.ok(Math.abs((a[1] - b[1]) - 2 * (a[1] - c[1])) < 0.05, "20 is twice as far from 10 as 15");
  assert.equal(a[1], d[1]);
});

Deno.test("everything that is drawn lies within the picture", () => {
  const many = Array.from({ length: 12 }, (_, k) => [k, -k, 1e5 * k]);
  for (const svg of [chart([1, 1, 1]), chart([5]), chart([-1e-9, 1e-9]), chart(...many)]) {
    const { elements: [{ attributes }, ...rest] } = parseXml(svg);
    const [, , width, height] = attributes.viewBox.split(" ").map(Number);
    const inside = (x: number, y: number) =>
      assert.ok(x >= 0 && x <= width && y >= 0 && y <= height, `${x} ${y}`);
    for (const { tag, attributes: a } of rest) {
      if (tag === "text" && a.x !== undefined) inside(+a.x, +a.y);
      if (tag === "circle") inside(+a.cx, +a.cy);
      for (const [, x, y] of a.d?.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g) ?? []) inside(+x, +y);
    }
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  }
});

Deno.test("curves of one chart differ in colour or dashes, and are named in the order drawn", () => {
  const svg = chart(...Array.from({ length: 20 }, (_, k) => [k, k + 1]));
  const looks = curvesOf(svg).map(({ look }) => look);
  assert.equal(new Set(looks).size, 20);
  assert.ok(svg.indexOf("run 3") < svg.indexOf("run 4"));
});

Deno.test("a single curve needs no legend", () => {
  assert.doesNotMatch(parseXml(chart([1, 2])).text, /run 0/);
});

Deno.test("what is not finite leaves a gap, and a value between gaps is a dot", () => {
  const svg = chart([1, 2, NaN, 3, Infinity, 2, 1]);
  const path = parseXml(svg).elements.find(({ attributes }) => /^curve/.test(attributes.class))!;
  assert.equal(path.attributes.d.match(/M/g)!.length, 2);
  assert.equal(path.attributes.d.match(/[ML]/g)!.length, 4);
  assert.equal(parseXml(svg).elements.filter(({ tag }) => tag === "circle").length, 1);
});

Deno.test("marks are upright lines at their places, with names that keep apart", () => {
  const draw = (...marks: { name: string; at: number }[]) =>
    lineChart({ ...LABELS, series: [{ name: "run", values: [1, 2, 3, 4, 5] }], marks });
  const svg = draw({ name: "right", at: 4 }, { name: "left", at: 3 });
  const { elements } = parseXml(svg);
  const lines = elements.filter(({ attributes }) => attributes.class === "mark");
  const places = lines.map(({ attributes }) => Number(attributes.d.match(/^M([\d.]+) /)![1]));
  const [{ points }] = curvesOf(svg);
  assert.deepEqual(places, [points[2][0], points[3][0]]);
  const textAt = (words: string) =>
    Number(svg.match(new RegExp(`x="([\\d.]+)" y="[\\d.]+">${words}<`))![1]);
  assert.ok(textAt("left") < places[0] && textAt("right") > places[1]);
  // At the edges names stand inside.
  const edges = draw({ name: "first of all", at: 1 }, { name: "last of all", at: 5 });
  const x = [1, 5].map((_, i) => curvesOf(edges)[0].points[i * 4][0]);
  const at = (words: string) =>
    Number(edges.match(new RegExp(`x="([\\d.]+)" y="[\\d.]+">${words}<`))![1]);
  assert.ok(at("first of all") > x[0] && at("last of all") < x[1]);
});

Deno.test("other ticks stand where they say", () => {
  const svg = lineChart({
    ...LABELS,
    series: [{ name: "run", values: [1, 2, 3] }],
    xTicks: { values: [1.5, 3], labels: ["half", "end"] },
  });
  const { text } = parseXml(svg);
  assert.ok(text.includes("half") && text.includes("end"));
  const [{ points: [a, b, c] }] = curvesOf(svg);
  const at = (words: string) =>
    Number(svg.match(new RegExp(`x="([\\d.]+)" y="[\\d.]+">${words}<`))![1]);
  assert.ok(Math.abs(at("half") - (a[0] + b[0]) / 2) < 0.02);
  assert.equal(at("end"), c[0]);
});

Deno.test("nothing finite is refused", () => {
  assert.throws(() => chart(), /Cannot draw "Cost": it has no finite value/);
  assert.throws(() => chart([]), RangeError);
  assert.throws(() => chart([NaN, Infinity]), RangeError);
});

Deno.test("a chart fetches nothing and runs nothing", () => {
  const svg = chart([1, 2], [2, 3]).replace('xmlns="http://www.w3.org/2000/svg"', "");
  assert.doesNotMatch(svg, /script|https?:|url\(|@import|href| on\w+=/i);
});
