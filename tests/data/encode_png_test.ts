// What is written must be read back by a decoder that is not ours: imagescript's, which checks the checksums, too.
import assert from "node:assert/strict";
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
    const { data, height, width } = await decodeImage(await encodePng(picture));
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
