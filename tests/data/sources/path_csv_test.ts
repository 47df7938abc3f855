import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { JPEG, pictureTree, PNG, refuses, treeOf } from "./picture_tree.ts";

const PICTURES = { "img/a b.jpg": JPEG, "img/ü.png": PNG, "c.jpg": JPEG };

/** Opens `list.csv` with this text, in a folder with three pictures. */
async function openCsv(
  text: string,
  options: Parameters<typeof ImageDataset.open>[1] = {},
): Promise<ImageDataset> {
  await using folder = await pictureTree({ ...PICTURES, "list.csv": text });
  const data = await ImageDataset.open(`${folder.path}/list.csv`, options);
  await data.images([...data.labels.keys()]);
  return data;
}

Deno.test("a CSV of paths and labels is a data set, its paths relative to it", async () => {
  const texts = [
    "path,label\nimg/a b.jpg,cat\nimg/ü.png,dog\nc.jpg,cat\n",
    '\ufeffclass,FileName\r\ncat,"img/a b.jpg"\r\n\r\ndog,img\\ü.png\r\ncat,c.jpg',
    "id,image,target,split\n1,img/a b.jpg,cat,x\n2,img/ü.png,dog,x\n3,c.jpg,cat,x\n",
    "img/a b.jpg,cat\nimg/ü.png,dog\nc.jpg,cat\n",
    "filename,breed\nimg/a b.jpg,cat\nimg/ü.png,dog\nc.jpg,cat\n",
  ];
  const hashes = new Set<string>();
  for (const text of texts) {
    await using folder = await pictureTree({ ...PICTURES, "list.csv": text });
    const data = await ImageDataset.open(`${folder.path}/list.csv`);
    assert.deepEqual([data.classes, [...data.labels]], [["cat", "dog"], [0, 1, 0]], text);
    assert.equal(data.name(1), `${folder.path}/img/ü.png`);
    assert.deepEqual(await data.bytes(1), PNG);
    hashes.add(await data.hash());
  }
  assert.equal(hashes.size, 1);
});

Deno.test("labels that are numbers are ordered as numbers, codes with leading zeros stay text", async () => {
  const data = await openCsv("path,label\nimg/a b.jpg,10\nimg/ü.png,9.0\nc.jpg,+9\n");
  assert.deepEqual([data.classes, [...data.labels]], [["9", "10"], [1, 0, 0]]);
  assert.deepEqual(data.notes, ['labels such as "9.0" and "9" are read as one class, "9"']);
  const codes = await openCsv("path,label\nimg/a b.jpg,01\nimg/ü.png,02\nc.jpg,01\n");
  assert.deepEqual([codes.classes, [...codes.labels]], [["01", "02"], [0, 1, 0]]);
  const agents = await openCsv("path,label\nimg/a b.jpg,007\nimg/ü.png,7\nc.jpg,007\n");
  assert.deepEqual([agents.classes, [...agents.labels]], [["007", "7"], [0, 1, 0]]);
  assert.match(agents.notes[0], /"7" and "007" stay two classes/);
});

Deno.test("a label column is chosen by name, and without labels there may be paths alone", async () => {
  const text = "path,sex,kind\nimg/a b.jpg,f,cat\nimg/ü.png,m,dog\n";
  assert.deepEqual((await openCsv(text, { label: "sex" })).classes, ["f", "m"]);
  await refuses(
    () => openCsv(text),
    "name the one that holds the labels as the label (--label NAME)",
  );
  const alone = await openCsv("path\nimg/a b.jpg\nc.jpg\n", { requireLabels: false });
  assert.deepEqual([alone.length, alone.hasLabels], [2, false]);
  assert.equal((await openCsv("c.jpg\n", { requireLabels: false })).length, 1);
  assert.equal((await openCsv("path,label\nc.jpg,\n", { requireLabels: false })).hasLabels, false);
});

Deno.test("files that are not there or are no pictures are skipped, or stop", async () => {
  const text = "path,label\nimg/a b.jpg,cat\ngone.jpg,dog\nlist.csv,dog\nimg,dog\n";
  const data = await openCsv(text);
  assert.equal(data.length, 1);
  assert.deepEqual(data.classes, ["cat", "dog"]);
  assert.deepEqual(
    data.skipped.map(({ reason }) => reason),
    [
      "there is no such file; check the path",
      "it is text, expected a JPEG or PNG picture",
      "it is a folder",
    ],
  );
  await refuses(() => openCsv(text, { onError: "stop" }), "gone.jpg: there is no such file");
  await refuses(
    () => openCsv("path,label\nx.jpg,cat\ny.jpg,dog\n"),
    "none of its 2 pictures can be used: the first one, ",
    "x.jpg: there is no such file",
  );
});

Deno.test("a list that makes no sense is refused with the row", async () => {
  const cases: [text: string, part: string][] = [
    ["path,label\n", "there are no rows below the header"],
    ["path,label\nc.jpg,cat\n,dog\n", "row 2 has no path"],
    ["path,label\nc.jpg,\n", "row 1 has no label"],
    ["path,label\nc.jpg\n", "row 1 has 1 field, expected 2"],
    ["path,label\nhttps://x.org/c.jpg,cat\n", "row 1 holds an address"],
    ['path,label\n"c.jpg,cat\n', "quote"],
    ["path,label,label\nc.jpg,cat,cat\n", 'the label column "label" is there twice'],
  ];
  for (const [text, part] of cases) await refuses(() => openCsv(text), part);
  await using folder = await pictureTree({
    "list.csv": Uint8Array.from("path,label\ncaf\xe9.jpg,1\n", (c) => c.charCodeAt(0)),
    "pixels.csv": "a,b,y\n1,2,0\n",
  });
  await refuses(() => ImageDataset.open(`${folder.path}/list.csv`), "it is not UTF-8 text");
  await refuses(
    () => ImageDataset.open(`${folder.path}/pixels.csv`, { format: "path-csv" }),
    'none of its columns is called "path", "file", "filename", "image"',
  );
});

Deno.test({
  name: "a list whose pictures Deno may not read names the permission instead of skipping all",
  permissions: { read: true, write: true },
  fn: async () => {
    await using folder = await pictureTree({ ...treeOf(["a.jpg"]), "list.csv": "a.jpg,cat\n" });
    const open = Deno.open;
    Deno.open = (path, options) =>
      String(path).endsWith(".csv")
        ? open(path, options)
        : Promise.reject(new Deno.errors.NotCapable("Requires read access"));
    try {
      await refuses(
        () => ImageDataset.open(`${folder.path}/list.csv`),
        `Deno may not read it; run with --allow-read=${folder.path}/a.jpg`,
      );
    } finally {
      Deno.open = open;
    }
  },
});

Deno.test("a list at an address is refused: its paths lead nowhere", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("path,label\na.jpg,cat\n"),
  );
  await refuses(
    () => ImageDataset.open(`http://127.0.0.1:${server.addr.port}/list.csv`),
    "the paths in a CSV at an address lead nowhere",
  );
});
