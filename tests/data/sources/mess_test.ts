// What real collections hold: each of these is a counted skip with its reason, or one clear line.
import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import {
  GREY,
  JPEG,
  picture,
  pictureTree,
  PNG,
  refuses,
  type Tree,
  treeOf,
} from "./picture_tree.ts";

const text = (content: string) => new TextEncoder().encode(content);

/** A JPEG whose header says that it is this large. */
function huge(height: number, width: number): Uint8Array {
  const copy = JPEG.slice();
  const frame = copy.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(copy[i + 1]));
  new DataView(copy.buffer).setUint16(frame + 5, height);
  new DataView(copy.buffer).setUint16(frame + 7, width);
  return copy;
}

/** Files that cannot be used, and what is said of them. */
const UNUSABLE: Readonly<Record<string, [content: Uint8Array, reason: RegExp]>> = {
  "truncated.jpg": [JPEG.subarray(0, -40), /^the JPEG is cut off or damaged; get it again$/],
  "truncated.png": [PNG.subarray(0, -40), /^the PNG is cut off or damaged; get it again$/],
  "header only.jpg": [JPEG.subarray(0, 30), /cut off or damaged/],
  "text.jpg": [text("this is no picture\n"), /^it is text, expected a JPEG or PNG picture$/],
  "nothing.jpg": [new Uint8Array(0), /the file is empty/],
  "huge.jpg": [huge(20000, 20000), /20000 x 20000 pixels, expected at most 64 million; scale/],
  "animation.gif": [picture("gif"), /^it is a GIF picture; convert it to JPEG or PNG$/],
  "a gif.jpg": [picture("gif"), /^it is a GIF picture; convert/],
  "old.bmp": [text("BM1234\0\0\0\0\x36\0\0\0"), /^it is a BMP picture; convert/],
  "web.webp": [text("RIFF\0\0\0\0WEBPVP8 "), /^it is a WebP picture; convert/],
  "phone.HEIC": [text("\0\0\0\x18ftypheic"), /^it is a HEIC picture; convert/],
  "scan.tif": [text("II*\0\x08\0\0\0"), /^it is a TIFF picture; convert/],
  "gif without ending": [picture("gif"), /^it is a GIF picture; convert/],
};

const USABLE: Tree = {
  "cat/a cat.jpg": JPEG,
  "cat/猫.jpg": GREY,
  "dog/really a png.jpg": PNG,
  "dog/really a jpeg.png": JPEG,
};

Deno.test("what cannot be used is skipped with path and reason, nothing else is lost", async () => {
  const unusable = Object.fromEntries(
    Object.entries(UNUSABLE).map(([name, [content]]) => [`dog/${name}`, content]),
  );
  await using folder = await pictureTree({ ...USABLE, ...unusable });
  const data = await ImageDataset.open(folder.path);
  assert.equal(data.length, Object.keys(USABLE).length);
  assert.equal(data.passedOver, 0);
  const found = new Map(data.skipped.map(({ name, reason }) => [name.split("/").at(-1), reason]));
  assert.deepEqual([...found.keys()].sort(), Object.keys(UNUSABLE).sort());
  for (const [name, [, reason]] of Object.entries(UNUSABLE)) {
    assert.match(found.get(name)!, reason, name);
  }
  for (const image of await data.images([0, 1, 2, 3])) {
    assert.ok(image.data.some((pixel) => pixel > 0), "a picture is all zeros");
  }
});

Deno.test("with stop, each is one line that names the file", async () => {
  for (const [name, [content, reason]] of Object.entries(UNUSABLE)) {
    await using folder = await pictureTree({ ...USABLE, [`dog/${name}`]: content });
    await assert.rejects(ImageDataset.open(folder.path, { onError: "stop" }), (error: Error) => {
      assert.equal(error.name, "UserError");
      const start = `Cannot read ${folder.path}/dog/${name}: `;
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message.slice(start.length), reason);
      return true;
    });
  }
});

Deno.test("a class whose pictures are all damaged is still a class", async () => {
  await using folder = await pictureTree({
    ...treeOf(["a/1.jpg", "c/1.jpg"]),
    "b/1.jpg": JPEG.subarray(0, -40),
  });
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual([data.classes, [...data.classCounts()]], [["a", "b", "c"], [1, 0, 1]]);
});

Deno.test("a stray file that cannot be used makes no class of its name", async () => {
  await using folder = await pictureTree({
    ...treeOf(["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"]),
    "trunc20.jpg": JPEG.subarray(0, -40),
  });
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual([data.classes, [...data.classCounts()]], [["cat", "dog"], [2, 2]]);
  assert.deepEqual(data.skipped.map(({ name }) => name), [`${folder.path}/trunc20.jpg`]);
  assert.deepEqual(data.notes, [
    'the classes are taken from the file names: "cat", "dog"; not "trunc", of which no file can be used',
  ]);
  const looked = await ImageDataset.open(folder.path, { requireLabels: false });
  assert.deepEqual(looked.classes, ["cat", "dog"]);
});

Deno.test("folders without a picture that can be used are refused in one line", async () => {
  const cases: [files: Tree, part: string][] = [
    [{}, "the folder is empty; expected JPEG or PNG pictures, each class in a folder of its own"],
    [{ "a/notes.txt": "x", ".hidden": "x" }, "no pictures among the 2 files of the folder"],
    [{ "cat/1.jpg": JPEG.subarray(0, -40) }, "its only picture cannot be used: "],
    [
      { "cat/1.jpg": JPEG.subarray(0, -40), "cat/2.gif": picture("gif") },
      "none of its 2 pictures can be used: the first one, ",
    ],
    [treeOf(["a/1.jpg", "2.jpg", "3.jpg"]), "1 lie in sub-folders and 2 beside them; put each"],
    [treeOf(["train/a/1.jpg", "val/a/2.jpg", "misc/3.jpg"]), "some are called like parts"],
    [treeOf(["1.jpg", "2.jpg"]), "its 2 pictures lie in one folder and their names do not begin"],
    [treeOf(["1.jpg"]), "its only picture ("],
  ];
  for (const [files, part] of cases) {
    await using folder = await pictureTree(files);
    await refuses(() => ImageDataset.open(folder.path), folder.path, part);
  }
});

Deno.test("pictures that need no classes may lie anyhow", async () => {
  await using folder = await pictureTree(treeOf(["a/1.jpg", "2.jpg", "3.jpg", "IMG_4.jpg"]));
  const data = await ImageDataset.open(folder.path, { requireLabels: false });
  assert.deepEqual([data.length, data.skipped, data.notes], [4, [], []]);
});

Deno.test("an option that does not belong to the form is refused, not ignored", async () => {
  await using folder = await pictureTree({
    ...USABLE,
    "pixels.csv": "a,b,c,d,y\n1,2,3,4,0\n5,6,7,8,1\n",
    "list.csv": "path,label\ncat/a cat.jpg,cat\n",
  });
  const cases: [file: string, options: object, part: string][] = [
    ["", { label: "y" }, 'no table in it has labels of its images in a column "y" (--label)'],
    ["", { path: "y" }, "Cannot use path (--path) with "],
    ["", { shape: [2, 2] }, "it is a folder, the option belongs to a CSV of pixels or an IDX file"],
    ["pixels.csv", { labelFrom: "(x)" }, "Cannot use labelFrom (--label-from) with "],
    ["pixels.csv", { onError: "stop" }, "Cannot use onError (--on-error) with "],
    ["list.csv", { labels: "x" }, "Cannot use labels with "],
    ["", { format: "tiff" }, 'format is "tiff", expected "folder"'],
    ["", { onError: "ask" }, 'onError is "ask", expected "skip" or "stop"'],
    ["pixels.csv", { format: "folder" }, "it is a file, expected a folder"],
    ["pixels.csv", { format: "zip" }, "the zip archive is cut off or damaged"],
    ["pixels.csv", { format: "idx" }, "it is no IDX file"],
    ["", { format: "zip" }, "it is a folder, expected a zip archive"],
    ["cat/a cat.jpg", {}, "it looks like a JPEG picture, expected many"],
  ];
  for (const [file, options, part] of cases) {
    await refuses(() => ImageDataset.open(`${folder.path}/${file}`, options), part);
  }
});

Deno.test("what is called a picture or an archive is never read as a CSV, unless that is asked for", async () => {
  const table = "a,b,c,d,y\n1,2,3,4,0\n5,6,7,8,1\n";
  await using folder = await pictureTree({
    "text.jpg": text("no picture\n"),
    "page.PNG": text("<!doctype html><title>404</title>"),
    "empty.jpeg": new Uint8Array(0),
    "text.zip": text("Not Found"),
    "empty.zip": new Uint8Array(0),
    "noise.zip": Uint8Array.of(1, 2, 3, 0),
    "web.webp": text("RIFF\0\0\0\0WEBPVP8 "),
    "table.zip": table,
  });
  const cases: [file: string, message: string][] = [
    ["text.jpg", "it is text, expected a JPEG or PNG picture"],
    ["page.PNG", "it is a web page, expected a JPEG or PNG picture"],
    ["empty.jpeg", "the file is empty, expected a JPEG or PNG picture"],
    ["text.zip", "it is text, expected a zip archive"],
    ["empty.zip", "the file is empty, expected a zip archive"],
    ["noise.zip", "it is none that is known, expected a zip archive"],
    ["web.webp", "it looks like a WebP picture, expected many: give the folder that holds them"],
    ["table.zip", "it is text, expected a zip archive"],
  ];
  for (const [file, message] of cases) {
    const path = `${folder.path}/${file}`;
    await refuses(() => ImageDataset.open(path), `Cannot read ${path}: ${message}`);
  }
  const data = await ImageDataset.open(`${folder.path}/table.zip`, { format: "pixel-csv" });
  assert.equal(data.length, 2);
});

Deno.test("maxPixels is a limit for every file", async () => {
  await using folder = await pictureTree({ "a/1.jpg": JPEG, "b/1.jpg": picture("exif_1.jpg") });
  const data = await ImageDataset.open(folder.path, { maxPixels: 100 });
  assert.deepEqual([data.length, data.skipped.length], [1, 1]);
  assert.match(data.skipped[0].reason, /26 x 19 pixels/);
});
