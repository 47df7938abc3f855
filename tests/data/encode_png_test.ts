// What is written must be read back without our decoder: zlib is the runtime's, filters and checksums are those of the
// specification, written down here.
import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { UserError } from "../../src/core/errors.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import type { Image } from "../../src/data/image.ts";
import { RandomState } from "../../src/core/random.ts";
import { drawSample } from "../../src/data/sample.ts";

function noise(height: number, width: number, channels: 1 | 3): Image {
  const random = new RandomState(height * width);
  const data = Uint8Array.from(
    { length: height * width * channels },
    () => Math.floor(random.randomDouble() * 256),
  );
  return { data, height, width, channels };
}

/** Checksum of PNG's annex D, bit by bit. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** The samples of a PNG file of 8 bits without interlacing. */
function samplesOf(file: Uint8Array, bytesPerPixel: number): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const data: number[] = [];
  let stride = 0;
  for (let at = 8; at < file.length;) {
    const end = at + 12 + view.getUint32(at);
    const type = new TextDecoder().decode(file.subarray(at + 4, at + 8));
    assert.equal(view.getUint32(end - 4), checksum(file.subarray(at + 4, end - 4)), type);
    if (type === "IHDR") stride = view.getUint32(at + 8) * bytesPerPixel;
    if (type === "IDAT") data.push(...file.subarray(at + 8, end - 4));
    at = end;
  }
  const rows = inflateSync(Uint8Array.from(data));
  const out = new Uint8Array(rows.length / (stride + 1) * stride);
  for (let i = 0; i < out.length; i++) {
    const [row, x] = [Math.floor(i / stride), i % stride];
    const left = x < bytesPerPixel ? 0 : out[i - bytesPerPixel];
    const up = row === 0 ? 0 : out[i - stride];
    const corner = row === 0 || x < bytesPerPixel ? 0 : out[i - stride - bytesPerPixel];
    const [toLeft, toUp, toCorner] = [left, up, corner].map((near) =>
      Math.abs(left + up - corner - near)
    );
    const paeth = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    const filter = rows[row * (stride + 1)];
    out[i] = rows[i + row + 1] + [0, left, up, left + up >> 1, paeth][filter];
  }
  return out;
}

/** Grey as three equal channels, which is how PNG files are decoded. */
function asColour({ data, channels }: Image): Uint8Array {
  return channels === 3 ? data : Uint8Array.from([...data].flatMap((v) => [v, v, v]));
}

Deno.test("pictures of all shapes come back from a decoder as they were", async () => {
  const pictures = [
    noise(1, 1, 1),
    noise(1, 1, 3),
    noise(7, 1, 3),
    noise(1, 9, 1),
    noise(13, 17, 3),
    noise(64, 48, 1),
  ];
  for (const picture of pictures) {
    const file = await encodePng(picture);
    assert.deepEqual(samplesOf(file, picture.channels), picture.data);
    const { data, height, width } = await decodeImage(file);
    assert.deepEqual([height, width], [picture.height, picture.width]);
    assert.deepEqual(data, asColour(picture));
  }
});

Deno.test("drawings become smaller than their pixels", async () => {
  const picture = await drawSample({ rows: 1 }).image(0);
  const file = await encodePng(picture);
  assert.ok(file.length < picture.data.length, `${file.length} bytes`);
});

Deno.test("a picture that does not have its size is refused", async () => {
  await assert.rejects(
    encodePng({ data: new Uint8Array(5), height: 2, width: 2, channels: 1 }),
    UserError,
  );
});
