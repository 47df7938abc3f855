// Ordinary JPEG files: the pixels, and what they are resized to, are those of PIL (fixtures/make_jpegs.py).
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { decodeJpeg } from "../../src/data/decode_jpeg.ts";
import { readJpegFrame } from "../../src/data/jpeg_frame.ts";
import { copyLent, layOut, lendFromKernels } from "../../src/data/picture_kernels.ts";
import { resize } from "../../src/data/resize.ts";
import fixture from "../fixtures/jpegs.json" with { type: "json" };

for (const wanted of fixture) {
  const file = decodeBase64(wanted.file);
  Deno.test(`JPEG ${wanted.name} has PIL's pixels`, async () => {
    const image = await decodeImage(file);
    const { data, height, width, channels } = image;
    assert.deepEqual([height, width, channels], [wanted.height, wanted.width, wanted.channels]);
    assert.equal(await sha256Hex(data), wanted.pixelsSha256);
    const small = resize(image, { height: 24, width: 13 }, { interpolation: "bicubic" });
    assert.equal(await sha256Hex(small.data), wanted.bicubic24x13Sha256);
    const large = resize(image, { height: 83, width: 111 }, { interpolation: "bilinear" });
    assert.equal(await sha256Hex(large.data), wanted.bilinear83x111Sha256);
  });

  Deno.test(`JPEG ${wanted.name} has PIL's pixels at a half, a quarter and an eighth`, async () => {
    const frame = readJpegFrame(file)!;
    // Where chroma is halved across only, an eighth is not to be had; chroma of two columns is spread another way.
    const { drafts, name } = wanted;
    if (wanted.width <= 8) return;
    const expected = name.includes("4:2:2") ? [drafts[0], drafts[1], drafts[1]] : drafts;
    for (const [i, draft] of expected.entries()) {
      if (draft === null) continue;
      const decoded = decodeJpeg(file, frame, { name, halvings: i + 1 }, copyLent);
      assert.ok(decoded, `halved ${i + 1} times`);
      const { data, height, width } = decoded;
      assert.deepEqual([height, width, await sha256Hex(data)], draft, `halved ${i + 1} times`);
    }
  });

  Deno.test(`JPEG ${wanted.name}, cut off anywhere before its end's marker, is refused`, () => {
    const name = "cut off";
    for (let length = 0; length < file.length - 2; length += file.length > 6000 ? 97 : 1) {
      const bytes = file.subarray(0, length);
      const frame = readJpegFrame(bytes);
      if (frame) {
        assert.equal(decodeJpeg(bytes, frame, { name }, copyLent), undefined, `${length} bytes`);
      }
    }
  });
}

Deno.test("large pictures and small ones go through one after the other", () => {
  // 90 MB with what it takes to resize them: more than is kept.
  const large = {
    data: new Uint8Array(5000 * 5000 * 3).fill(77),
    height: 5000,
    width: 5000,
    channels: 3 as const,
  };
  assert.ok(resize(large, { height: 9, width: 9 }).data.every((value) => value === 77));
  const file = decodeBase64(fixture[0].file);
  assert.ok(decodeJpeg(file, readJpegFrame(file)!, { name: "small" }, copyLent));
});

Deno.test("an image that memory does not suffice for is refused with its size, whether to decode it or to use it", () => {
  const about = { name: "x.png", height: 2, width: 3 };
  const message =
    "Cannot read x.png: there is no memory left to decode 3 x 2 pixels; scale the image down";
  const more = 2 ** 33; // WebAssembly has 2^32 bytes at the most
  assert.throws(
    () =>
      lendFromKernels(
        (kernels) => ({ kernels, at: layOut(kernels, [more])[0], ...about, channels: 3 }),
        about,
        () => {},
      ),
    { message },
  );
  assert.throws(
    () =>
      lendFromKernels(
        (kernels) => ({ kernels, at: layOut(kernels, [18])[0], ...about, channels: 3 }),
        about,
        ({ kernels }) => layOut(kernels, [more]),
      ),
    { message },
  );
  assert.throws(
    () => lendFromKernels(() => assert.fail("a fault of graft's own"), about, () => {}),
    { message: "a fault of graft's own" },
  );
});
