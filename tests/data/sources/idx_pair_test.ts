import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { pictureTree, refuses } from "./picture_tree.ts";

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: readonly number[]): Uint8Array<ArrayBuffer> {
  const sizes = shape.flatMap((size) => [0, 0, size >>> 8, size & 255]);
  return Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...data]);
}

const PIXELS = Array.from({ length: 24 }, (_, i) => i * 10);
const IMAGES = idx([3, 2, 4], PIXELS);
const LABELS = idx([3], [10, 9, 10]);

Deno.test("the labels are found beside the pictures by MNIST's naming, packed or not", async () => {
  const pairs: [images: string, labels: string][] = [
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
    ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"],
    ["t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte.gz"],
    ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"],
  ];
  for (const [images, labels] of pairs) {
    const packed = (name: string, bytes: Uint8Array) =>
      name.endsWith(".gz") ? gzipSync(bytes) : bytes;
    await using folder = await pictureTree({
      [images]: packed(images, IMAGES),
      [labels]: packed(labels, LABELS),
    });
    const data = await ImageDataset.open(`${folder.path}/${images}`);
    assert.deepEqual([data.classes, [...data.labels]], [["9", "10"], [1, 0, 1]], images);
    const image = await data.image(1);
    assert.deepEqual({ ...image, data: [...image.data] }, {
      data: PIXELS.slice(8, 16),
      height: 2,
      width: 4,
      channels: 1,
    });
    assert.deepEqual([data.name(1), data.hasFiles], ["row 2", false]);
  }
});

Deno.test("equal pixels have one hash, as IDX and from memory", async () => {
  await using folder = await pictureTree({ "images-idx3": IMAGES, "labels-idx1": LABELS });
  const data = await ImageDataset.open(`${folder.path}/images-idx3`);
  const made = ImageDataset.fromPixels(Uint8Array.from(PIXELS), {
    shape: [2, 4, 1],
    labels: [10, 9, 10],
  });
  assert.equal(await data.hash(), await made.hash());
});

Deno.test("a file of labels of any name can be given, and pictures can do without", async () => {
  await using folder = await pictureTree({ "x.idx": IMAGES, "y.idx": LABELS });
  const open = (options: object) => ImageDataset.open(`${folder.path}/x.idx`, options);
  assert.deepEqual((await open({ labels: `${folder.path}/y.idx` })).classes, ["9", "10"]);
  await refuses(() => open({}), "there is no file of labels beside it");
  const bare = await open({ requireLabels: false });
  assert.deepEqual([bare.length, bare.hasLabels, bare.classes], [3, false, []]);
});

Deno.test("pictures in colour and in rows of numbers are taken", async () => {
  const files = {
    "c-images-idx4": idx([2, 2, 2, 3], PIXELS),
    "r-images-idx2": idx([6, 4], PIXELS),
  };
  await using folder = await pictureTree(files);
  const open = (name: string, options: object = {}) =>
    ImageDataset.open(`${folder.path}/${name}`, { requireLabels: false, ...options });
  const colour = await open("c-images-idx4");
  assert.deepEqual([colour.size(1), colour.channels(1)], [{ height: 2, width: 2 }, 3]);
  assert.deepEqual((await open("r-images-idx2")).size(5), { height: 2, width: 2 });
  const flat = await open("r-images-idx2", { shape: [1, 4] });
  assert.deepEqual(flat.size(0), { height: 1, width: 4 });
});

Deno.test("files that do not belong together or are damaged are refused by name", async () => {
  await using folder = await pictureTree({
    "a-images-idx3": IMAGES,
    "a-labels-idx1": idx([2], [1, 2]),
    "b-images-idx3": IMAGES.subarray(0, -1),
    "c-images-idx3": idx([0, 2, 2], []),
    "d-images-idx3": Uint8Array.from([0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0]),
    "e.gz": gzipSync(Uint8Array.from("a,b,y\n1,2,0\n", (c) => c.charCodeAt(0))),
    "readme.txt": "MNIST",
  });
  const open = (name: string) => ImageDataset.open(`${folder.path}/${name}`);
  await refuses(
    () => open("a-images-idx3"),
    "a-labels-idx1",
    "[2], expected a label for each of the 3",
  );
  await refuses(() => open("a-labels-idx1"), "it holds 2 labels, expected pictures");
  await refuses(() => open("b-images-idx3"), "b-images-idx3: it ends after 23 bytes");
  await refuses(() => open("c-images-idx3"), "it holds no pictures");
  await refuses(() => open("d-images-idx3"), "its IDX element type is 13");
  await refuses(() => open("e.gz"), "it looks like a gzip archive", "unpack it");
  await refuses(
    () => open(""),
    "no pictures among the 7 files",
    "give its file of pictures instead",
  );
});
