import assert from "node:assert/strict";
import { CONFUSION_STYLE, confusionTable, RAMPS } from "../../src/report/confusion_table.ts";
import { contrast } from "./contrast.ts";
import { parseXml } from "./well_formed.ts";

const table = (classes: string[], counts: number[][]) =>
  confusionTable({ classes, counts, caption: "Counts." });

Deno.test("a confusion matrix is a table with a heading for each row and column", () => {
  const { elements, text } = parseXml(
    table(["cat", "dog", "<b>"], [[8, 1, 1], [0, 5, 0], [0, 0, 2]]),
  );
  const scopes = elements.filter(({ tag }) => tag === "th").map(({ attributes }) =>
    attributes.scope
  );
  assert.deepEqual(scopes, ["col", "col", "col", "row", "row", "row"]);
  assert.match(text, /Counts\.[^]*cat[^]*811[^]*dog[^]*5[^]*&lt;b&gt;[^]*2/);
});

Deno.test("cells are coloured by their share of the row, right answers and mistakes apart", () => {
  const html = table(["a", "b"], [[90, 10], [50, 50]]);
  assert.match(html, /<td class="right-4">90<\/td><td class="wrong-3">10<\/td>/);
  assert.match(html, /<td class="wrong-5">50<\/td><td class="right-2">50<\/td>/);
  assert.match(table(["a", "b"], [[99, 1], [0, 1]]), /wrong-0">1<\/td>.*\n.*right-5">1</);
});

Deno.test("a class that was never named rightly says 0, one without pictures nothing", () => {
  const html = table(["a", "b"], [[0, 3], [0, 0]]);
  assert.match(html, /<td>0<\/td><td class="wrong-5">3<\/td>/);
  assert.match(html, /<td><\/td><td><\/td><\/tr>/);
});

Deno.test("every colour of a cell has a rule, and its figure can be read on it", () => {
  for (const theme of ["light", "dark"] as const) {
    for (const kind of ["right", "wrong"] as const) {
      RAMPS[theme][kind].forEach(([ground, ink], i) => {
        assert.ok(contrast(ground, ink) >= 4.5, `${theme} ${kind}-${i}: ${contrast(ground, ink)}`);
        assert.ok(CONFUSION_STYLE.includes(`.${kind}-${i}{background:${ground};color:${ink}}`));
      });
    }
  }
});

Deno.test("many classes make a compact table", () => {
  const of = (n: number) => {
    const classes = Array.from({ length: n }, (_, i) => `class ${i}`);
    return table(classes, classes.map((_, i) => classes.map((_, j) => i === j ? 1 : 0)));
  };
  assert.doesNotMatch(of(12), /confusion compact/);
  assert.match(of(40), /confusion compact upright/);
});

Deno.test("only long names stand upright above their columns", () => {
  assert.match(table(["0", "1"], [[1, 0], [0, 1]]), /class="confusion"/);
  assert.match(table(["0", "coat"], [[1, 0], [0, 1]]), /class="confusion upright"/);
});
