import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import type { Image } from "../../src/data/image.ts";

const grey: Image = { height: 2, width: 3, channels: 3, data: new Uint8Array(18).fill(9) };
const file = await encodePng(grey);

Deno.test("decoded pictures and files make one data set, and files are decoded when asked for", async () => {
  const data = ImageDataset.fromImages([grey, { file, name: "grey.png" }], { labels: ["a", "b"] });
  assert.deepEqual([data.name(0), data.name(1)], ["row 1", "grey.png"]);
  assert.deepEqual(data.size(1), { height: 2, width: 3 });
  assert.equal(data.channels(1), 3);
  assert.deepEqual(await data.images([1, 0]), [grey, grey]);
  assert.equal(await data.kept(0), grey);
  assert.deepEqual(await data.kept(1), { file, name: "grey.png" });
  assert.equal(data.hasFiles, false);
});

Deno.test("files alone have their bytes, and the hash of what they are", async () => {
  const data = ImageDataset.fromImages([{ file, name: "grey.png" }]);
  assert.equal(data.hasFiles, true);
  assert.equal(await data.bytes(0), file);
  const same = ImageDataset.fromImages([{ file: file.slice(), name: "of another name.png" }]);
  assert.equal(await data.hash(), await same.hash());
  assert.notEqual(await data.hash(), await ImageDataset.fromImages([grey]).hash());
});

Deno.test("what is no picture is refused at once, what is damaged when it is decoded", async () => {
  const text = new TextEncoder().encode("no picture at all");
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof UserError && message.test(error.message);
  assert.throws(
    () => ImageDataset.fromImages([{ file: text, name: "a.jpg" }]),
    refused(/^Cannot read a\.jpg: /),
  );
  assert.throws(
    () => ImageDataset.fromImages([{ file, name: "a.png", maxPixels: 5 }]),
    refused(/the picture is 3 x 2 pixels/),
  );
  assert.throws(
    () => ImageDataset.fromImages([grey, { file: new Blob([file]) as never, name: "c.png" }]),
    refused(/^Cannot make a data set: the file of picture 2 is a Blob, expected its bytes; /),
  );
  const damaged = ImageDataset.fromImages([{ file: file.slice(0, -30), name: "b.png" }]);
  await assert.rejects(damaged.image(0), refused(/^Cannot read b\.png: .*damaged/));
});
