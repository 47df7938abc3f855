import assert from "node:assert/strict";
import { rateChart } from "../../src/report/rate_chart.ts";
import { parseXml } from "./well_formed.ts";

const rates = Array.from({ length: 81 }, (_, i) => 10 ** (i / 10 - 7));
const smoothed = rates.map((rate) => 2 - rate / (rate + 1e-3) + Math.min(3, rate ** 2));
const marks = { steepest: 1e-3, chosen: 1e-2, beyond: 100 };
const svg = rateChart({ title: "Range test", rates, smoothed, marks });

/** Places of words along the bottom. */
function placeOf(words: string): number {
  const [, x] = svg.match(new RegExp(`x="([\\d.]+)" y="[\\d.]+">${words}<`))!;
  return Number(x);
}

Deno.test("powers of ten stand at equal distances along the bottom", () => {
  const labels = ["1e-7", "1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1", "10"];
  const places = labels.map(placeOf);
  const steps = places.slice(1).map((place, i) => place - places[i]);
  for (const step of steps) assert.ok(Math.abs(step - steps[0]) < 0.02, places.join());
});

Deno.test("a mark stands at its rate, and one outside of the test is left out", () => {
  const { elements, text } = parseXml(svg);
  const lines = elements.filter(({ attributes }) => attributes.class === "mark");
  const places = lines.map(({ attributes }) => Number(attributes.d.match(/^M([\d.]+) /)![1]));
  assert.ok(Math.abs(places[0] - placeOf("0.001")) < 0.02);
  assert.ok(Math.abs(places[1] - placeOf("0.01")) < 0.02);
  assert.equal(places.length, 2);
  assert.ok(text.includes("steepest") && text.includes("chosen") && !text.includes("beyond"));
});

Deno.test("what runs away is cut off, so that the fall fills the chart", () => {
  const [, d] = svg.match(/<path class="curve[^>]*d="(M[^"]*)"/)!;
  const points = [...d.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((
    [, x, y],
  ) => [Number(x), Number(y)]);
  const heights = points.map(([, y]) => y);
  assert.ok(Math.max(...heights) - heights[0] > 100, "the fall is flat");
  // The loss begins at 2 and falls to about 1: it is drawn up to 3, and from there on it is not.
  const drawn = smoothed.filter((loss) => loss <= 2 + (2 - Math.min(...smoothed)));
  assert.equal(points.length, drawn.length);
  assert.ok(drawn.length < smoothed.length);
});

Deno.test("a loss that never falls is drawn whole", () => {
  const rising = rates.map((rate) => 1 + rate);
  const chart = rateChart({ title: "rising", rates, smoothed: rising });
  assert.equal(chart.match(/<path class="curve[^>]*d="(M[^"]*)"/)![1].match(/[ML]/g)!.length, 81);
});

Deno.test("a narrow range and a single rate", () => {
  const narrow = rateChart({
    title: "narrow",
    rates: [0.002, 0.003, 0.0045],
    smoothed: [1, 1, 1],
  });
  const { text } = parseXml(narrow);
  assert.ok(text.includes("0.002") && text.includes("0.0045"));
  assert.throws(
    () => rateChart({ title: "one", rates: [1], smoothed: [1] }),
    /Cannot draw "one": it has 1 learning rates, expected 2/,
  );
});
