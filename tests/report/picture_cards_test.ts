import assert from "node:assert/strict";
import { pictureCards } from "../../src/report/picture_cards.ts";
import { parseXml } from "./well_formed.ts";

const picture = (name: string, side: number) => ({
  ...{ png: Uint8Array.of(1, 2, 3), width: side, height: side / 2, name },
});

Deno.test("a card has its pictures, its words and a row of small pictures", () => {
  const html = pictureCards([{
    pictures: [picture("a & b", 28), picture("heat", 28)],
    headline: "<cat>",
    lines: ["one", "two"],
    beside: { title: "nearest", pictures: [{ thumbnail: picture("c", 96), caption: "dog" }] },
  }, { pictures: [], headline: "bare", lines: [] }]);
  const { elements, text } = parseXml(html.replace(/<img ([^>]*)>/g, "<img $1/>"));
  const images = elements.filter(({ tag }) => tag === "img").map(({ attributes }) => attributes);
  assert.deepEqual(images.map(({ width, height }) => `${width}x${height}`), [
    "84x42",
    "84x42",
    "56x28",
  ]);
  assert.deepEqual(images.map((image) => image.class), ["pixels", "pixels", undefined]);
  assert.equal(images[0].alt, "a &amp; b");
  assert.match(text, /&lt;cat&gt;onetwonearestdog[^]*bare/);
});
