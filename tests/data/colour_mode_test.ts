// The files of fixtures/make_images.py, whose names say what PIL was asked to write.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { colourMode } from "../../src/data/colour_mode.ts";
import fixture from "../fixtures/images.json" with { type: "json" };

const EXPECTED: readonly (readonly [name: RegExp, mode: string])[] = [
  [/^cmyk|^ycck/, "CMYK"],
  [/^grey\.jpg$|^grey\.png$|^bilevel/, "grey"],
  [/^palette/, "palette"],
  [/^grey_alpha/, "grey with alpha"],
  [/^alpha/, "RGB with alpha"],
  [/^grey_16/, "grey, 16 bits"],
  [/^rgb_16/, "RGB, 16 bits"],
  [/^rgb|^progressive|^exif|^colour_transparent/, "RGB"],
];

Deno.test("the colours of each kind of file are named", () => {
  assert.ok(fixture.images.length > 20);
  for (const { name, file } of fixture.images) {
    const expected = EXPECTED.find(([pattern]) => pattern.test(name))?.[1];
    assert.ok(expected, name);
    assert.equal(colourMode(decodeBase64(file)), expected, name);
  }
});

Deno.test("what is no such file, or ends too soon, has no name", () => {
  const jpeg = decodeBase64(fixture.images.find(({ name }) => name === "rgb.jpg")!.file);
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  const png = decodeBase64(fixture.images.find(({ name }) => name === "rgb.png")!.file);
  for (
    const bytes of [
      new Uint8Array(0),
      decodeBase64(fixture.gif),
      jpeg.slice(0, 2),
      jpeg.slice(0, frame + 5),
      png.slice(0, 20),
      Uint8Array.of(0xff, 0xd8, ...new Array(40).fill(0)),
      Uint8Array.of(0xff, 0xd8, ...new Array(40).fill(0xff)),
    ]
  ) assert.equal(colourMode(bytes), undefined);
});
