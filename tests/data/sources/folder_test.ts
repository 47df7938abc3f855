import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import {
  classesByName,
  GREY,
  JPEG,
  picture,
  pictureTree,
  PNG,
  refuses,
  treeOf,
} from "./picture_tree.ts";

Deno.test("a folder of class folders is a data set, its files decoded when asked for", async () => {
  await using folder = await pictureTree({
    "dog/b.png": PNG,
    "cat/ä b.jpg": JPEG,
    "cat/a.jpg": GREY,
    "dog/turned.jpg": picture("exif_6.jpg"),
  });
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(data.classes, ["cat", "dog"]);
  assert.deepEqual([...data.labels], [0, 0, 1, 1]);
  const names = ["cat/a.jpg", "cat/ä b.jpg", "dog/b.png", "dog/turned.jpg"];
  assert.deepEqual(
    names.map((_, i) => data.name(i)),
    names.map((name) => `${folder.path}/${name}`),
  );
  assert.deepEqual([data.channels(0), data.channels(1)], [1, 3]);
  // Upright: the file lies.
  assert.deepEqual(data.size(3), { height: 11, width: 6 });
  for (const [i, image] of (await data.images([0, 1, 2, 3])).entries()) {
    const { height, width, channels } = image;
    assert.deepEqual([{ height, width }, channels], [data.size(i), data.channels(i)]);
  }
  assert.deepEqual(await data.bytes(2), PNG);
  assert.ok(data.hasFiles && data.subset([1]).hasFiles);
  assert.deepEqual([data.skipped, data.passedOver, data.notes], [[], 0, []]);
  assert.deepEqual(await data.subset([2]).image(0), await data.image(2));
});

Deno.test("a folder opens by its address and with a slash at its end", async () => {
  await using folder = await pictureTree(treeOf(["a/1.jpg", "b/1.jpg"]));
  const url = new URL(`file://${folder.path}`);
  for (const source of [url, url.href, `${folder.path}/`]) {
    const data = await ImageDataset.open(source);
    assert.deepEqual([data.length, data.source], [2, String(source)]);
    assert.ok((await data.image(1)).height > 0);
  }
});

Deno.test("classes are ordered by number where all are numbers", async () => {
  await using folder = await pictureTree(treeOf(["10/a.jpg", "2/a.jpg", "01/a.jpg"]));
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(data.classes, ["01", "2", "10"]);
  assert.deepEqual([...data.labels], [0, 2, 1]);
});

Deno.test("a folder that comes divided has parts, and its classes are those of all parts", async () => {
  await using folder = await pictureTree(
    treeOf(["train/cat/1.jpg", "train/dog/1.jpg", "train/dog/2.jpg", "test/dog/3.jpg"]),
  );
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(data.classes, ["cat", "dog"]);
  const { train, test, validation } = data.parts!;
  assert.deepEqual([[...train], [...test!], validation], [[1, 2, 3], [0], undefined]);
  const part = data.subset(test!);
  assert.deepEqual([part.classes, part.parts], [["cat", "dog"], undefined]);
  assert.deepEqual([...part.classCounts()], [0, 1]);
  assert.deepEqual(data.withClasses(["dog", "cat"]).parts, data.parts);
});

Deno.test("a flat folder's classes are in the file names, which is told", async () => {
  await using folder = await pictureTree(
    treeOf(["cat.0.jpg", "cat.1.jpg", "dog_1.jpg", "dog_2.jpg", "cover.jpg"]),
  );
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(classesByName(data), {
    "cat.0.jpg": "cat",
    "cat.1.jpg": "cat",
    "dog_1.jpg": "dog",
    "dog_2.jpg": "dog",
  });
  assert.deepEqual(data.notes, ['the classes are taken from the file names: "cat", "dog"']);
  assert.deepEqual(data.skipped, [
    { name: `${folder.path}/cover.jpg`, reason: "its name does not tell its class" },
  ]);
  const all = await ImageDataset.open(folder.path, { requireLabels: false });
  assert.deepEqual([all.length, all.hasLabels, all.skipped.length], [5, false, 0]);
  const by = await ImageDataset.open(folder.path, { labelFrom: "([a-z]+)[._]?" });
  assert.deepEqual(by.classes, ["cat", "cover", "dog"]);
});

Deno.test("an empty folder, meant for a class perhaps, is told", async () => {
  await using folder = await pictureTree(treeOf(["cat/1.jpg", "dog/1.jpg"]));
  await Deno.mkdir(`${folder.path}/bird`);
  const { classes, skipped } = await ImageDataset.open(folder.path);
  assert.deepEqual(classes, ["cat", "dog"]);
  assert.deepEqual(skipped, [{ name: `${folder.path}/bird`, reason: "the folder is empty" }]);
});

Deno.test("what systems and people put beside pictures is passed over and counted", async () => {
  await using folder = await pictureTree({
    ...treeOf(["cat/1.jpg", "dog/1.jpg"]),
    "cat/.DS_Store": "x",
    "cat/._1.jpg": JPEG,
    "cat/Thumbs.db": "x",
    ".git/cat.jpg": JPEG,
    "__MACOSX/cat/1.jpg": JPEG,
    "README.md": "# pets",
    "cat/notes.txt": "good cat",
    "dog/no ending": JPEG,
  });
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(Object.keys(classesByName(data)), ["1.jpg", "no ending"]);
  assert.equal(data.length, 3);
  assert.deepEqual([data.passedOver, data.skipped], [7, []]);
});

Deno.test("links are followed, but not in circles, and those that lead nowhere are told", async () => {
  await using folder = await pictureTree(treeOf(["cat/1.jpg", "dog/1.jpg"]));
  await Deno.symlink("../dog/1.jpg", `${folder.path}/cat/2.jpg`);
  await Deno.symlink("..", `${folder.path}/cat/up`);
  await Deno.symlink("self", `${folder.path}/cat/self`);
  await Deno.symlink("gone.jpg", `${folder.path}/dog/gone.jpg`);
  await Deno.symlink("cat", `${folder.path}/feline`);
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(data.classes, ["cat", "dog", "feline"]);
  assert.deepEqual([...data.classCounts()], [2, 1, 2]);
  const reasons = new Map(
    data.skipped.map(({ name, reason }) => [name.slice(folder.path.length + 1), reason]),
  );
  assert.match(reasons.get("cat/up")!, /leads back/);
  assert.match(reasons.get("feline/up")!, /leads back/);
  assert.match(reasons.get("cat/self")!, /leads nowhere/);
  assert.match(reasons.get("dog/gone.jpg")!, /leads nowhere/);
});

Deno.test("a folder within that may not be read is told, and stops where that is asked for", async () => {
  await using folder = await pictureTree(treeOf(["cat/1.jpg", "dog/1.jpg", "owl/1.jpg"]));
  // As root no mode keeps a folder from being read, hence the stand-in.
  const readDir = Deno.readDir;
  Deno.readDir = (path) => {
    if (String(path).endsWith("/owl")) throw new Deno.errors.PermissionDenied("os error 13");
    return readDir(path);
  };
  try {
    const data = await ImageDataset.open(folder.path);
    assert.deepEqual(data.classes, ["cat", "dog"]);
    assert.deepEqual(data.skipped.map(({ name }) => name), [`${folder.path}/owl`]);
    assert.match(data.skipped[0].reason, /^permission denied/);
    await refuses(
      () => ImageDataset.open(folder.path, { onError: "stop" }),
      `Cannot read ${folder.path}/owl: permission denied`,
    );
  } finally {
    Deno.readDir = readDir;
  }
});

Deno.test("equal files have equal hashes, whatever they are called", async () => {
  await using one = await pictureTree({ "a/1.jpg": JPEG, "b/1.jpg": PNG });
  await using two = await pictureTree({ "a/x.jpg": JPEG, "b/y.png": PNG });
  await using other = await pictureTree({ "a/1.jpg": JPEG, "b/1.jpg": GREY });
  const hashOf = async (path: string) => await (await ImageDataset.open(path)).hash();
  const hash = await hashOf(one.path);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(await hashOf(two.path), hash);
  assert.notEqual(await hashOf(other.path), hash);
  const data = await ImageDataset.open(one.path);
  assert.notEqual(await data.withClasses(["b", "a"]).hash(), hash);
  assert.notEqual(await data.subset([1, 0]).hash(), hash);
});

Deno.test("a file that goes away or changes after it was opened is named when it is asked for", async () => {
  await using folder = await pictureTree(treeOf(["a/1.jpg", "b/1.jpg"]));
  const data = await ImageDataset.open(folder.path);
  await Deno.remove(`${folder.path}/a/1.jpg`);
  await refuses(() => data.images([1, 0]), `Cannot read ${folder.path}/a/1.jpg: there is no such`);
  await Deno.writeFile(`${folder.path}/a/1.jpg`, JPEG.subarray(0, -30));
  await refuses(() => data.image(0), `Cannot read ${folder.path}/a/1.jpg: the JPEG is cut off`);
});

Deno.test("opening reports progress and stops when it is told to", async () => {
  await using folder = await pictureTree(treeOf(["a/1.jpg", "b/1.jpg", "b/2.jpg"]));
  const done: number[] = [];
  await ImageDataset.open(folder.path, {
    onProgress: (progress) => {
      assert.deepEqual([progress.stage, progress.total, progress.unit], ["check", 3, "images"]);
      done.push(progress.done);
    },
  });
  assert.deepEqual(done, [1, 2, 3]);
  const controller = new AbortController();
  const stopped = ImageDataset.open(folder.path, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await assert.rejects(stopped, /enough/);
  const data = await ImageDataset.open(folder.path);
  await assert.rejects(data.images([0], { signal: controller.signal }), /enough/);
});
