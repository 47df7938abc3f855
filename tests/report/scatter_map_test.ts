import assert from "node:assert/strict";
import { scatterMap, type ScatterMapOptions } from "../../src/report/scatter_map.ts";
import { type Element, parseXml } from "./well_formed.ts";

const map = (options: Partial<ScatterMapOptions>) =>
  scatterMap({ title: "Map", classes: ["a", "b"], x: [], y: [], labels: [], ...options });
const layers = (elements: readonly Element[], kind: string) =>
  elements.filter(({ tag, attributes }) => tag === "path" && attributes.class?.startsWith(kind));
/** Middles of circles. */
const circles = (d: string) =>
  [...d.matchAll(/M([\d.-]+) ([\d.-]+)a([\d.]+)/g)].map(([, x, y, r]) => [+x + +r, +y]);

Deno.test("points lie as they are, in one scale, greater y above", () => {
  const { elements } = parseXml(map({ x: [0, 3, 0], y: [0, 0, 1], labels: [0, 0, 0] }));
  const [a, b, c] = circles(layers(elements, "bold")[0].attributes.d);
  assert.ok(Math.abs((b[0] - a[0]) - 3 * (a[1] - c[1])) < 0.1);
  assert.equal(a[1], b[1]);
  assert.ok(c[1] < a[1]);
});

Deno.test("the first 56 classes differ in colour or in shape", () => {
  const classes = Array.from({ length: 56 }, (_, k) => `class ${k}`);
  const at = classes.map((_, k) => k);
  const { elements } = parseXml(map({ classes, x: at, y: at.map((k) => k % 7), labels: at }));
  const looks = layers(elements, "bold").slice(0, 56).map(({ attributes }) =>
    `${attributes.class} ${attributes.d.replace(/^M\S+ \S+?(?=[al])/, "")}`
  );
  assert.equal(new Set(looks).size, 56);
});

Deno.test("each class is named in the middle of its points and in the legend", () => {
  const { text } = parseXml(
    map({ classes: ["<cat>", "dog", "none"], x: [0, 9, 9], y: [0, 0, 5], labels: [0, 1, 1] }),
  );
  assert.equal(text.match(/&lt;cat&gt;/g)!.length, 2);
  assert.equal(text.match(/dog/g)!.length, 2);
  assert.ok(!text.includes("none"), "a class without points");
});

Deno.test("faint points, rings and points at no place", () => {
  const { elements } = parseXml(map({
    ...{ x: [0, 1, 2, NaN], y: [0, 1, 2, 3], labels: [0, 0, 0, 0] },
    isFaint: (point) => point === 0,
    ringed: [2],
  }));
  assert.equal(circles(layers(elements, "faint")[0].attributes.d).length, 1);
  const bold = circles(layers(elements, "bold")[0].attributes.d);
  assert.equal(bold.length, 2);
  const ring = elements.find(({ attributes }) => attributes.class === "ring")!.attributes;
  assert.ok(Math.hypot(Number(ring.cx) - bold[1][0], Number(ring.cy) - bold[1][1]) < 0.02);
});

Deno.test("a single point is drawn, nothing and lengths that differ are refused", () => {
  assert.doesNotMatch(map({ x: [4], y: [4], labels: [1] }), /NaN|Infinity/);
  assert.throws(() => map({}), /Cannot draw "Map"/);
  assert.throws(() => map({ x: [1, 2], y: [1], labels: [0, 0] }), RangeError);
});
