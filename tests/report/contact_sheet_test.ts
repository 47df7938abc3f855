import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { CONTACT_SHEET_STYLE, contactSheet } from "../../src/report/contact_sheet.ts";
import { htmlPage, isReport } from "../../src/report/html_page.ts";
import { parseXml } from "./well_formed.ts";

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
const thumbnail = (width: number, height: number, name = "a.png") => ({ png, width, height, name });

/** HTML's tags that are not closed, closed, so that the rest can be looked at as XML. */
const asXml = (html: string) => html.replace(/<img ([^>]*)>/g, "<img $1/>");

Deno.test("each group stands with its pictures and its caption", () => {
  const html = contactSheet([
    { thumbnails: [thumbnail(28, 28), thumbnail(28, 28)], caption: "two" },
    { thumbnails: [thumbnail(96, 48)], caption: "one" },
  ]);
  const { elements, text } = parseXml(asXml(html));
  const count = (tag: string) => elements.filter((element) => element.tag === tag).length;
  assert.deepEqual([count("figure"), count("figcaption"), count("img")], [2, 2, 3]);
  assert.match(text, /two[^]*one/);
  const images = elements.filter(({ tag }) => tag === "img");
  for (const { attributes } of images) {
    const [start, data] = attributes.src.split(",");
    assert.equal(start, "data:image/png;base64");
    assert.deepEqual(decodeBase64(data), png);
    assert.equal(attributes.alt, "a.png");
  }
});

Deno.test("small pictures are shown a whole number of times their size, others at most 96 pixels", () => {
  const sizes = [[28, 28], [1, 1], [60, 20], [96, 72], [192, 96], [4000, 1]];
  const html = contactSheet([{ thumbnails: sizes.map(([w, h]) => thumbnail(w, h)), caption: "" }]);
  const { elements } = parseXml(asXml(html));
  const shown = elements.filter(({ tag }) => tag === "img")
    .map(({ attributes: { width, height } }) => [Number(width), Number(height)]);
  assert.deepEqual(shown, [[84, 84], [96, 96], [60, 20], [96, 72], [96, 48], [96, 1]]);
});

Deno.test("names and captions are text, and the page takes the sheet's style", () => {
  const evil = `<img src=x onerror="1">&`;
  const html = contactSheet([{ thumbnails: [thumbnail(1, 1, evil)], caption: evil }]);
  assert.equal(parseXml(asXml(html)).elements.filter(({ tag }) => tag === "img").length, 1);
  const page = htmlPage("Pictures", [{ html }], { style: CONTACT_SHEET_STYLE });
  assert.ok(page.includes(`${CONTACT_SHEET_STYLE}</style>`));
  assert.ok(isReport(page.slice(0, 512)));
  assert.match(page, /img-src data:/);
});
