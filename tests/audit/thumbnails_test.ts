import assert from "node:assert/strict";
import { makeThumbnails } from "../../src/audit/thumbnails.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { decodeImage } from "../../src/data/decode.ts";
import type { Image } from "../../src/data/image.ts";
import { drawSample } from "../../src/data/sample.ts";

Deno.test("small pictures stay as they are, and each is made once", async () => {
  const data = drawSample({ rows: 4 });
  const seen: number[] = [];
  const made = await makeThumbnails(data, [2, 0, 2], { onProgress: ({ done }) => seen.push(done) });
  assert.deepEqual([...made.keys()], [2, 0]);
  assert.deepEqual(seen, [1, 2]);
  const { png, ...told } = made.get(2)!;
  assert.deepEqual(told, { height: 28, width: 28, name: "row 3" });
  const { data: pixels } = await decodeImage(png);
  assert.deepEqual(pixels.filter((_, i) => i % 3 === 0), (await data.image(2)).data);
});

Deno.test("large pictures become small, however narrow", async () => {
  const shapes = [[480, 640], [3000, 2], [96, 96]];
  const images = shapes.map(([height, width]): Image => {
    return { data: new Uint8Array(height * width * 3).fill(90), height, width, channels: 3 };
  });
  const made = await makeThumbnails(ImageDataset.fromImages(images), [0, 1, 2]);
  const sizes = [...made.values()].map(({ height, width }) => [height, width]);
  assert.deepEqual(sizes, [[72, 96], [96, 1], [96, 96]]);
  for (const { png, height, width } of made.values()) {
    const image = await decodeImage(png);
    assert.deepEqual([image.height, image.width], [height, width]);
    assert.ok(image.data.every((value) => value === 90));
  }
});
