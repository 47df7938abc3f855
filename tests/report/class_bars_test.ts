import assert from "node:assert/strict";
import { classBars } from "../../src/report/class_bars.ts";
import { intervalStrip } from "../../src/report/interval_strip.ts";
import { parseXml } from "./well_formed.ts";

Deno.test("bars are as long as their shares, and the shares stand beside them", () => {
  const rows = [{ name: "<a>", shares: [0.5, 1], count: 12 }, {
    name: "b",
    shares: [0, 0.123],
    count: 3,
  }];
  const { elements, text } = parseXml(
    classBars({ header: ["precision", "recall"], rows, caption: "By class" }),
  );
  const widths = elements.filter(({ tag }) => tag === "i").map(({ attributes }) =>
    attributes.style
  );
  assert.deepEqual(widths, ["width:50%", "width:100%", "width:0%", "width:12.3%"]);
  assert.match(text, /By class[^]*&lt;a&gt;0\.5001\.00012/);
});

Deno.test("a strip reaches to its share, its interval and its level lie where they are", () => {
  const share = { value: 0.86, low: 0.779, high: 0.915 };
  const html = intervalStrip({ title: "right", share, level: { name: "<guess>", value: 0.12 } });
  const { elements, text } = parseXml(html);
  const style = (name: string) =>
    elements.find(({ attributes }) => attributes.class === name)!.attributes.style;
  assert.equal(style("value"), "width:86%");
  assert.equal(style("interval"), "left:77.9%;right:8.5%");
  assert.equal(style("level"), "left:12%");
  assert.match(text, /right: 86\.0 %.*77\.9 % to 91\.5 %.*&lt;guess&gt;: 12\.0 %/);
});
