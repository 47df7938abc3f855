// Tables of images as people bring them.
import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { JPEG, pictureTree, refuses, treeOf } from "./picture_tree.ts";
import { zipFile } from "./zip_file.ts";

/** Twelve images, a0 to a5 of daisies and b0 to b5 of roses. */
const STEMS = ["a", "b"].flatMap((letter) => [0, 1, 2, 3, 4, 5].map((k) => `${letter}${k}`));
const IMAGES = treeOf(STEMS.map((stem) => `images/${stem}.jpg`));
const classOf = (stem: string) => stem.startsWith("a") ? "daisy" : "rose";

/** A table with a row for each image. */
const table = (header: string, row: (stem: string, i: number) => string) =>
  [header, ...STEMS.map(row)].join("\n") + "\n";

type Options = Parameters<typeof ImageDataset.open>[1];

async function openTable(text: string, options: Options = {}, name = "list.csv") {
  await using folder = await pictureTree({ ...IMAGES, "deep/other.jpg": JPEG, [name]: text });
  return await ImageDataset.open(`${folder.path}/${name}`, options);
}

/** Asserts that the daisies and the roses are found. */
function isRight(data: ImageDataset, classes = ["daisy", "rose"]): void {
  assert.deepEqual([data.length, data.classes, [...data.classCounts()]], [12, classes, [6, 6]]);
}

Deno.test("identifiers without endings stand for the images of the one folder that has them", async () => {
  for (const header of ["id,label", "id,breed", "image_id,label", "Id;breed"]) {
    const separator = header.includes(";") ? ";" : ",";
    const data = await openTable(table(header, (stem) => `${stem}${separator}${classOf(stem)}`));
    isRight(data);
    assert.match(data.notes.join(), /the images are found as "images\/\*\.jpg"/);
  }
  const names = await openTable(table("filename,label", (s) => `${s}.jpg,${classOf(s)}`));
  isRight(names);
  assert.match(names.notes.join(), /"images\/\*\.jpg"|"images\/\*"/);
});

Deno.test("identifiers that several folders have, or none, are refused with what to do", async () => {
  const text = table("id,label", (stem) => `${stem},${classOf(stem)}`);
  await using folder = await pictureTree({
    ...IMAGES,
    ...treeOf(STEMS.map((stem) => `thumbs/${stem}.png`)),
    "list.csv": text,
    "none.csv": text.replaceAll(/^([ab])/gm, "$1x"),
  });
  await refuses(
    () => ImageDataset.open(`${folder.path}/list.csv`),
    '"images/*.jpg" or "thumbs/*.png"; write the paths into the table',
  );
  await refuses(
    () => ImageDataset.open(`${folder.path}/none.csv`),
    'no image is called like the cells of "id" ("ax0")',
  );
});

Deno.test("the column of paths is the one whose cells are paths, whatever it is called", async () => {
  isRight(await openTable(table("image_id,label", (s) => `images/${s}.jpg,${classOf(s)}`)));
  isRight(await openTable(table("label,n,where", (s, i) => `${classOf(s)},${i},images/${s}.jpg`)));
  const two = (header: string) =>
    table(header, (s) => `images/${s}.jpg,deep/other.jpg,${classOf(s)}`);
  const known = await openTable(two("image,mask,label"));
  isRight(known);
  assert.match(known.notes.join(), /the paths are those of column "image", of "image" and "mask"/);
  await refuses(
    () => openTable(two("image,path,label")),
    '"image" and "path" may each be the column of paths; name the right one (--path NAME)',
  );
  isRight(await openTable(two("image,path,label"), { path: "image" }));
  const gone = await openTable(
    table("path,image,label", (s) => `gone/${s}.jpg,images/${s}.jpg,${classOf(s)}`),
  );
  isRight(gone); // of two, the one whose files are there
});

Deno.test("semicolons, tabs and bars separate cells, too, and that is noted", async () => {
  for (const [separator, words] of [[";", "semicolons"], ["\t", "tabs"], ["|", "bars"]]) {
    const text = table(`path${separator}label`, (s) => `images/${s}.jpg${separator}${classOf(s)}`);
    const data = await openTable(text, {}, words === "tabs" ? "tab.tsv" : "list.csv");
    isRight(data);
    assert.deepEqual(data.notes, [`columns are separated by ${words}`]);
    isRight(await openTable(text.slice(text.indexOf("\n") + 1)));
  }
});

Deno.test("image,x,y,label takes label, and says that y is read as a coordinate", async () => {
  const row = (s: string, i: number) => `images/${s}.jpg,${i},${i % 4}`;
  const data = await openTable(table("image,x,y,label", (s, i) => `${row(s, i)},${classOf(s)}`));
  isRight(data);
  assert.match(data.notes.join(), /the labels are those of column "label": "y" .* coordinate/);
  await refuses(() => openTable(table("image,x,y", row)), '"y", beside "x", looks like a coord');
  assert.equal((await openTable(table("image,x,y", row), { label: "y" })).classes.length, 4);
});

Deno.test("of two columns that may be the labels the content decides, else it is an error with the flag", async () => {
  const open = (header: string, cells: (s: string, i: number) => string, options?: Options) =>
    openTable(table(header, (s, i) => `images/${s}.jpg,${cells(s, i)}`), options);
  isRight(await open("path,target,class", (s, i) => `0.${i}5,${classOf(s)}`));
  isRight(await open("path,target,class", (s, i) => `n${i},${classOf(s)}`));
  const same = await open("path,label,class", (s) => `${s.startsWith("a") ? 0 : 1},${classOf(s)}`);
  isRight(same);
  assert.match(same.notes.join(), /those of column "class": "label" has the same classes/);
  const both = (s: string, i: number) => `${i % 3},${classOf(s)}`;
  await refuses(
    () => open("path,label,class", both),
    '"label" and "class" may each be the column of labels; name the right one',
    "--label NAME",
  );
  isRight(await open("path,label,class", both, { label: "class" }));
});

Deno.test("a column of ones and zeros for each class gives the classes, if each row has a single one", async () => {
  const hot = (s: string) => s.startsWith("a") ? "1,0" : "0,1";
  const text = table("filename,daisy,rose", (s) => `images/${s}.jpg,${hot(s)}`);
  for (const options of [{}, { requireLabels: false, noteLabels: true }]) {
    const data = await openTable(text, options);
    isRight(data);
    assert.match(data.notes.join(), /the classes are the columns that hold 1: "daisy", "rose"/);
  }
  isRight(await openTable(text.replaceAll(/\b([01])\b(?!\.)/g, "$1.0")));
  const several = text.replace("a3.jpg,1,0", "a3.jpg,1,1");
  await refuses(
    () => openTable(several),
    'columns "daisy", "rose" hold 1 and 0, but row 4 has 2 ones',
    "--label NAME",
  );
  const data = await openTable(several, { requireLabels: false, noteLabels: true });
  assert.match(data.notes.join(), /no column of labels is found: "daisy", "rose"/);
});

Deno.test("a column split divides the images as folders do", async () => {
  const part = (i: number) => i % 3 === 0 ? "test" : "train";
  const text = table("path,label,split", (s, i) => `images/${s}.jpg,${classOf(s)},${part(i)}`);
  const data = await openTable(text);
  isRight(data);
  assert.deepEqual([data.parts?.train.length, data.parts?.test?.length], [8, 4]);
  assert.match(data.notes.join(), /the parts are those of column "split"/);
  const usage = text.replaceAll(",test\n", ",PublicTest\n").replaceAll(",train\n", ",Training\n");
  const fer = await openTable(usage.replace("split", "Usage"));
  assert.deepEqual([fer.parts?.train.length, fer.parts?.test?.length], [8, 4]);
  // Rows to be tested on may lack labels.
  const unlabelled = await openTable(text.replaceAll(/(daisy|rose),test/g, ",test"));
  assert.deepEqual([unlabelled.length, unlabelled.parts], [8, undefined]);
  assert.match(unlabelled.notes.join(), /the 4 images of the test part have no label/);
  const odd = await openTable(text.replaceAll(",test\n", ",7\n"));
  assert.equal(odd.parts, undefined);
  assert.match(odd.notes.join(), /column "split" is passed over/);
});

Deno.test("a table of a byte order mark is empty, a first line of several cells is no header", async () => {
  for (const text of ["\ufeff", "\ufeff\r\n\r\n\n"]) {
    for (const format of [undefined, "path-csv"] as const) {
      await refuses(() => openTable(text, { format }), "the file is empty");
    }
  }
  await refuses(
    () => openTable("images/a0.jpg,daisy,1\nimages/b0.jpg,rose,2\n"),
    "its first line is no header",
  );
});

Deno.test("a table within an archive or a folder gives the classes, and that is noted", async () => {
  const text = table("filename,label", (s) => `images/${s}.jpg,${classOf(s)}`);
  const encode = (content: string) => new TextEncoder().encode(content);
  const members = Object.entries(IMAGES).map(([name, content]) => ({
    ...{ name, content: content as Uint8Array },
  }));
  await using folder = await pictureTree({
    "pets.zip": zipFile([...members, { name: "train.csv", content: encode(text) }]),
    ...Object.fromEntries(Object.entries(IMAGES).map(([path, file]) => [`pets/${path}`, file])),
    "pets/train.csv": text,
    "pets/sample_submission.csv": text.replaceAll("rose", "daisy"),
  });
  for (const name of ["pets.zip", "pets"]) {
    const data = await ImageDataset.open(`${folder.path}/${name}`);
    isRight(data);
    assert.match(data.notes.join(), /the classes are those of "train.csv": 12 of 12 images/);
    isRight(await ImageDataset.open(`${folder.path}/${name}`, { label: "label" }));
    const byPath = await ImageDataset.open(`${folder.path}/${name}`, { labelFrom: "/([ab])" });
    isRight(byPath, ["a", "b"]);
  }
});

Deno.test("folders and a table that tell different classes are refused with both flags, the same ones are noted", async () => {
  const tree = (folderOf: (stem: string, i: number) => string) =>
    treeOf(STEMS.map((stem, i) => `${folderOf(stem, i)}/${stem}.jpg`));
  const list = (folderOf: (stem: string, i: number) => string) =>
    table("path,kind", (stem, i) => `${folderOf(stem, i)}/${stem}.jpg,${classOf(stem)}`);
  const byClass = (stem: string) => `${classOf(stem)}s`;
  await using same = await pictureTree({ ...tree(byClass), "list.csv": list(byClass) });
  const data = await ImageDataset.open(same.path);
  isRight(data, ["daisys", "roses"]);
  assert.deepEqual(data.notes, ['the classes are the folders, as "list.csv" has them']);

  const byNumber = (_: string, i: number) => i % 2 === 0 ? "even" : "odd";
  await using other = await pictureTree({ ...tree(byNumber), "list.csv": list(byNumber) });
  await refuses(
    () => ImageDataset.open(other.path),
    'its folders ("even", "odd") and "list.csv" ("daisy", "rose") differ',
    "--label COLUMN",
    "--label-from",
  );
  isRight(await ImageDataset.open(other.path, { label: "kind" }));
  isRight(await ImageDataset.open(other.path, { labelFrom: "([^/]+)/[^/]+$" }), ["even", "odd"]);
});
