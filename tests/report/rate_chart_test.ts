import assert from "node:assert/strict";
import { rateChart } from "../../src/report/rate_chart.ts";
import { parseXml } from "./well_formed.ts";

const rates = Array.from({ length: 81 }, (_, i) => 10 ** (i / 10 - 7));
const smoothed = rates.map((rate) => 2 - rate / (rate + 1e-3) + Math.min(3, rate ** 2));
const losses = smoothed.map((loss, i) => loss + (i % 3 - 1) / 10 + (i === 70 ? 100 : 0));
const marks = { steepest: 1e-3, chosen: 1e-2, beyond: 100 };
const svg = rateChart({ title: "Range test", rates, losses, smoothed, marks });

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

Deno.test("one wild loss does not flatten the curve", () => {
  const curve = parseXml(svg).elements.find(({ attributes }) => /^curve/.test(attributes.class))!;
  assert.ok(curve);
  const heights = [...svg.matchAll(/<path class="curve[^>]*d="(M[^"]*)"/g)]
    .map(([, d]) => [...d.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y)))
    .find((points) => points.length === rates.length)!;
  assert.ok(Math.max(...heights) - Math.min(...heights) > 120, "the smoothed curve is flat");
});

Deno.test("a narrow range and a single rate", () => {
  const narrow = rateChart({
    title: "narrow",
    rates: [0.002, 0.003, 0.0045],
    losses: [1, 2, 3],
    smoothed: [1, 1, 1],
  });
  const { text } = parseXml(narrow);
  assert.ok(text.includes("0.002") && text.includes("0.0045"));
  assert.throws(
    () => rateChart({ title: "one", rates: [1], losses: [1], smoothed: [1] }),
    /Cannot draw "one": it has 1 learning rates, expected 2/,
  );
});
