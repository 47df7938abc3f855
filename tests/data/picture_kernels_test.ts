// Ordinary JPEG files: the pixels, and what they are resized to, are those of PIL (fixtures/make_jpegs.py); what is
// not flawless is left alone.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { decodeOrdinaryJpeg } from "../../src/data/picture_kernels.ts";
import { resize } from "../../src/data/resize.ts";
import images from "../fixtures/images.json" with { type: "json" };
import fixture from "../fixtures/jpegs.json" with { type: "json" };

for (const wanted of fixture) {
  const file = decodeBase64(wanted.file);
  // libjpeg spreads chroma of two columns or fewer another way, as does the decoder for everything else.
  if (wanted.width <= 4) {
    Deno.test(`JPEG ${wanted.name} is left alone`, () => {
      assert.equal(decodeOrdinaryJpeg(file), undefined);
    });
    continue;
  }
  Deno.test(`JPEG ${wanted.name} has PIL's pixels`, async () => {
    const decoded = decodeOrdinaryJpeg(file);
    assert.ok(decoded);
    const { data, height, width, samples } = decoded;
    assert.deepEqual([height, width, samples], [wanted.height, wanted.width, wanted.channels]);
    assert.equal(await sha256Hex(data), wanted.pixelsSha256);
    const image = await decodeImage(file);
    assert.deepEqual(image, { data, height, width, channels: samples });
    const small = resize(image, { height: 24, width: 13 }, { interpolation: "bicubic" });
    assert.equal(await sha256Hex(small.data), wanted.bicubic24x13Sha256);
    const large = resize(image, { height: 83, width: 111 }, { interpolation: "bilinear" });
    assert.equal(await sha256Hex(large.data), wanted.bilinear83x111Sha256);
  });

  Deno.test(`JPEG ${wanted.name} has PIL's pixels at a half, a quarter and an eighth`, async () => {
    // Where chroma is halved across only, an eighth is not to be had.
    const { drafts, name } = wanted;
    const expected = name.includes("4:2:2") ? [drafts[0], drafts[1], drafts[1]] : drafts;
    for (const [i, draft] of expected.entries()) {
      if (draft === null) continue;
      const decoded = decodeOrdinaryJpeg(file, i + 1);
      assert.ok(decoded, `halved ${i + 1} times`);
      const { data, height, width } = decoded;
      assert.deepEqual([height, width, await sha256Hex(data)], draft, `halved ${i + 1} times`);
    }
  });

  Deno.test(`JPEG ${wanted.name}, cut off anywhere, is left alone`, () => {
    for (let length = 0; length < file.length; length += file.length > 6000 ? 97 : 1) {
      assert.equal(decodeOrdinaryJpeg(file.subarray(0, length)), undefined, `${length} bytes`);
    }
    assert.ok(decodeOrdinaryJpeg(file));
  });
}

Deno.test("progressive files and such of four components are left alone", () => {
  for (const name of ["progressive.jpg", "cmyk.jpg", "cmyk_not_adobe.jpg", "ycck.jpg", "rgb.png"]) {
    const { file } = images.images.find((image) => image.name === name)!;
    assert.equal(decodeOrdinaryJpeg(decodeBase64(file)), undefined, name);
  }
});

Deno.test("large pictures and small ones go through one after the other", () => {
  // 90 MB with what it takes to resize them: more than is kept.
  const large = {
    data: new Uint8Array(5000 * 5000 * 3).fill(77),
    height: 5000,
    width: 5000,
    channels: 3 as const,
  };
  assert.ok(resize(large, { height: 9, width: 9 }).data.every((value) => value === 77));
  assert.ok(decodeOrdinaryJpeg(decodeBase64(fixture[0].file)));
});
