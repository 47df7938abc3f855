import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { DataLoader } from "../../src/data/data_loader.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { trainTestSplit } from "../../src/data/split.ts";

/** Writes `text` to a temporary file for the time of `action`. */
async function withFile(text: string, action: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(path, text);
    await action(path);
  } finally {
    await Deno.remove(path);
  }
}

/** `n` grey pictures of 2 x 1: picture i holds i and 255 - i; classes "a", "b", "c" in turn. */
function example(n: number): ImageDataset {
  const pixels = Uint8Array.from({ length: 2 * n }, (_, k) => {
    const i = k >> 1;
    return k % 2 === 0 ? i : 255 - i;
  });
  const labels = Array.from({ length: n }, (_, i) => "abc"[i % 3]);
  return ImageDataset.fromPixels(pixels, { shape: [2, 1, 1], labels });
}

/** Asserts that `action` fails with a one-line {@linkcode UserError} that holds each of `parts`. */
async function refuses(action: () => Promise<unknown>, ...parts: string[]): Promise<void> {
  await assert.rejects(action, (error: Error) => {
    assert.ok(error instanceof UserError, `${error.stack}`);
    assert.ok(!error.message.includes("\n"), error.message);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

Deno.test("pixels that are taken for a colour square are told, unless the shape was given", async () => {
  const text = "r,g,b,y\n1,2,3,red\n4,5,6,blue\n";
  await withFile(text, async (path) => {
    const guessed = await ImageDataset.open(path);
    assert.deepEqual(guessed.notes, [
      "3 pixels a row are read as 1 x 1 in colour, red, green and blue in turn",
    ]);
    assert.deepEqual([guessed.size(0), guessed.channels(0)], [{ height: 1, width: 1 }, 3]);
    assert.deepEqual((await ImageDataset.open(path, { shape: [1, 1, 3] })).notes, []);
  });
});

Deno.test("a CSV is opened by path, by file URL and from a server", async () => {
  const text = "a,b,c,d,y\n1,2,3,4,shirt\n5,6,7,8,bag\n";
  await withFile(text, async (path) => {
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      ({ url }) => new Response(text, { status: url.endsWith("/data.csv") ? 200 : 404 }),
    );
    const address = `http://127.0.0.1:${server.addr.port}/data.csv`;
    for (const source of [path, new URL(`file://${path}`), `file://${path}`, address]) {
      const data = await ImageDataset.open(source);
      assert.equal(data.source, String(source));
      assert.deepEqual(data.classes, ["bag", "shirt"]);
      assert.deepEqual([...data.labels], [1, 0]);
      assert.ok(data.hasLabels);
      const { data: pixels, height, width, channels } = await data.image(1);
      assert.deepEqual([...pixels, height, width, channels], [5, 6, 7, 8, 2, 2, 1]);
    }
    await refuses(() => ImageDataset.open(`${address}.gone`), "answers 404");
  });
});

Deno.test("a file that is not there, and an empty folder, are refused by name", async () => {
  await refuses(
    () => ImageDataset.open("no/such.csv"),
    "Cannot read no/such.csv: there is no such file",
  );
  const folder = await Deno.makeTempDir();
  await refuses(
    () => ImageDataset.open(folder),
    `Cannot read ${folder}: the folder is empty; expected JPEG or PNG pictures`,
  );
  await Deno.remove(folder);
});

Deno.test({
  name: "without Deno's permission the flag to give is named",
  permissions: { read: false, net: false },
  fn: async () => {
    await refuses(() => ImageDataset.open("data.csv"), "run with --allow-read=data.csv");
    await refuses(
      () => ImageDataset.open("https://example.org/data.csv"),
      "run with --allow-net=example.org",
    );
  },
});

Deno.test("a file that the system does not let us read is refused as such", async () => {
  // As root no mode keeps a file from being read, hence the stand-in for Deno.open.
  const open = Deno.open;
  Deno.open = () => Promise.reject(new Deno.errors.PermissionDenied("os error 13"));
  try {
    await refuses(
      () => ImageDataset.open("secret.csv"),
      "Cannot read secret.csv: permission denied",
    );
  } finally {
    Deno.open = open;
  }
});

Deno.test("a server that cannot be reached is refused in one line", async () => {
  // A port that was free a moment ago.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await refuses(() => ImageDataset.open(`http://127.0.0.1:${port}/x.csv`), "the connection fails");
});

Deno.test("pictures from memory keep their labels, by name and by number", () => {
  const pixels = new Uint8Array(3);
  const shape = [1, 1, 1] as const;
  const byName = ImageDataset.fromPixels(pixels, { shape, labels: ["z", "a", "z"] });
  assert.deepEqual([byName.classes, [...byName.labels]], [["a", "z"], [1, 0, 1]]);
  const byNumber = ImageDataset.fromPixels(pixels, { shape, labels: [10, 9, 10] });
  assert.deepEqual([byNumber.classes, [...byNumber.labels]], [["9", "10"], [1, 0, 1]]);
  const classes = ["z", "a"];
  const byIndex = ImageDataset.fromPixels(pixels, { shape, labels: [1, -1, 0], classes });
  assert.deepEqual([byIndex.classes, [...byIndex.labels]], [classes, [1, -1, 0]]);
  assert.equal(byIndex.hasLabels, false);
  const unknown = ImageDataset.fromPixels(pixels, { shape });
  assert.deepEqual([unknown.classes, [...unknown.labels], unknown.hasLabels], [
    [],
    [-1, -1, -1],
    false,
  ]);
});

Deno.test("what does not fit together is refused", () => {
  const shape = [1, 1, 1] as const;
  const pixels = new Uint8Array(2);
  const make = (options: object) => () => ImageDataset.fromPixels(pixels, { shape, ...options });
  assert.throws(make({ shape: [3, 1, 1] }), UserError);
  assert.throws(make({ labels: ["a"] }), /1 labels, expected one for each of the 2/);
  assert.throws(make({ labels: [0, 2], classes: ["a", "b"] }), /label 2 is none of its 2 classes/);
  assert.throws(make({ labels: ["a", "c"], classes: ["a", "b"] }), /label "c"/);
  const image = { data: pixels, height: 3, width: 1, channels: 1 } as const;
  assert.throws(() => ImageDataset.fromImages([image]), UserError);
});

Deno.test("images of differing sizes make a data set", async () => {
  const small = { data: new Uint8Array(1), height: 1, width: 1, channels: 1 } as const;
  const large = { data: new Uint8Array(12), height: 2, width: 2, channels: 3 } as const;
  const data = ImageDataset.fromImages([small, large], { labels: ["x", "y"], source: "camera" });
  assert.equal(await data.image(1), large);
  assert.deepEqual([data.size(1), data.channels(1)], [{ height: 2, width: 2 }, 3]);
  assert.deepEqual(await data.images([1, 0]), [large, small]);
  assert.equal(data.source, "camera");
});

Deno.test("a subset is a view in the order asked for, and classes stay", async () => {
  const data = example(6);
  const view = data.subset([5, 0, 5]);
  assert.deepEqual([...view.labels], [2, 0, 2]);
  assert.deepEqual(view.classes, data.classes);
  assert.equal((await view.image(0)).data.buffer, (await data.image(0)).data.buffer);
  assert.deepEqual([...(await view.subset([1]).image(0)).data], [0, 255]);
  assert.deepEqual([view.name(0), view.subset([1]).name(0)], ["row 6", "row 1"]);
  assert.equal(await view.bytes(0), undefined);
  assert.deepEqual([...data.subset([0, 3]).classCounts()], [2, 0, 0]);
  assert.throws(() => data.subset([6]), /image 6: the data set has 6/);
  await assert.rejects(data.image(-1), UserError);
  await assert.rejects(data.images([0, 6]), UserError);
  assert.throws(() => data.size(6), UserError);
});

Deno.test("a data set splits as its row numbers do, plain and by class", async () => {
  const data = example(60);
  const plain = data.split({ testSize: 0.25, randomState: 3 });
  const rows = trainTestSplit(60, { testSize: 0.25, randomState: 3 });
  const kept = await plain.test.images([...rows.test.keys()]);
  assert.deepEqual([...rows.test], kept.map((image) => image.data[0]));
  assert.equal(plain.train.length, 45);
  const byClass = data.split({ testSize: 0.25, stratify: true });
  assert.deepEqual([...byClass.test.classCounts()], [5, 5, 5]);
  const { length } = data.split().test;
  assert.equal(length, 6);

  const lonely = ImageDataset.fromPixels(new Uint8Array(9), {
    shape: [1, 1, 1],
    labels: [..."aaaabbbbc"],
  });
  await refuses(
    () => Promise.resolve().then(() => lonely.split({ stratify: true })),
    'class "c" has one row',
  );
  const unknown = ImageDataset.fromPixels(new Uint8Array(9), { shape: [1, 1, 1], source: "x.csv" });
  await refuses(
    () => Promise.resolve().then(() => unknown.split({ stratify: true })),
    "Cannot split x.csv by class: its rows have no labels",
  );
});

Deno.test("labels are renumbered to a model's classes, and a class it does not know is refused", () => {
  const data = example(3);
  assert.deepEqual([...data.withClasses(["c", "x", "b", "a"]).labels], [3, 2, 0]);
  assert.throws(() => data.withClasses(["a", "b"]), {
    name: "UserError",
    message:
      'Cannot use the labels of memory: class "c" is not among the known ones, which are "a", "b"',
  });
  // Only the classes that occur matter.
  assert.deepEqual([...data.subset([0, 1]).withClasses(["a", "b"]).labels], [0, 1]);
  const unknown = ImageDataset.fromPixels(new Uint8Array(1), { shape: [1, 1, 1] });
  assert.deepEqual([...unknown.withClasses(["a"]).labels], [-1]);
});

Deno.test("equal data have equal hashes, wherever they are from", async () => {
  const text = "p,q,y\n" + Array.from({ length: 2100 }, (_, i) => {
    return `${i % 200},${255 - i % 200},${"abc"[i % 3]}\n`;
  }).join("");
  await withFile(text, async (path) => {
    const opened = await ImageDataset.open(path, { shape: [2, 1] });
    const pixels = Uint8Array.from({ length: 4200 }, (_, k) => {
      const value = (k >> 1) % 200;
      return k % 2 === 0 ? value : 255 - value;
    });
    const labels = Array.from({ length: 2100 }, (_, i) => "abc"[i % 3]);
    const made = ImageDataset.fromPixels(pixels, { shape: [2, 1, 1], labels });
    const hash = await opened.hash();
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(await made.hash(), hash);
    assert.equal(await made.subset(Int32Array.from({ length: 2100 }, (_, i) => i)).hash(), hash);
  });
});

Deno.test("a hash stays what it was: kept features are found by it", async () => {
  // Computed by the version that first kept features.
  const data = ImageDataset.fromPixels(Uint8Array.from({ length: 8400 }, (_, i) => i * 37 % 251), {
    shape: [2, 2, 1],
    labels: Array.from({ length: 2100 }, (_, i) => "abc"[i % 3]),
  });
  const hash = "1b0c94edd04bdcc0c9d36a0be9c89abaaf11229b431716d16b183aab9588e3c2";
  const ofThree = "2b34a68e753bc40f39905e4f32a82a3cc3a401b9e18c61ab7fb36165037a682e";
  assert.deepEqual([await data.hash(), await data.subset([5, 3, 2000]).hash()], [hash, ofThree]);
});

Deno.test("a hash tells pixels, shapes, labels, class names and order apart", async () => {
  const labels = ["a", "b", "a"];
  const make = (bytes: number[], shape: [number, number, 1], names = labels) =>
    ImageDataset.fromPixels(Uint8Array.from(bytes), { shape, labels: names });
  const base = make([1, 2, 3, 4, 5, 6], [2, 1, 1]);
  const hashes = await Promise.all([
    base,
    make([1, 2, 3, 4, 5, 7], [2, 1, 1]),
    make([1, 2, 3, 4, 5, 6], [1, 2, 1]),
    make([1, 2, 3, 4, 5, 6], [2, 1, 1], ["a", "b", "b"]),
    make([1, 2, 3, 4, 5, 6], [2, 1, 1], ["a", "c", "a"]),
    base.subset([1, 0, 2]),
    base.subset([0, 1]),
  ].map((data) => data.hash()));
  assert.equal(new Set(hashes).size, hashes.length);
});

Deno.test("a loader walks through all pictures in batches, in order", async () => {
  const loader = new DataLoader(example(7), { batchSize: 3 });
  const batches = await Array.fromAsync(loader);
  assert.equal(loader.length, 3);
  assert.deepEqual(batches.map(({ indices }) => [...indices]), [[0, 1, 2], [3, 4, 5], [6]]);
  assert.deepEqual(batches.map(({ labels }) => [...labels]), [[0, 1, 2], [0, 1, 2], [0]]);
  assert.deepEqual(batches[1].images.map(({ data }) => data[0]), [3, 4, 5]);
});

Deno.test("a last batch that is not full can be left out", async () => {
  const loader = new DataLoader(example(7), { batchSize: 3, dropLast: true });
  assert.equal(loader.length, 2);
  assert.deepEqual((await Array.fromAsync(loader)).map(({ images }) => images.length), [3, 3]);
});

Deno.test("a shuffling loader takes a new order each walk, the same for one seed", async () => {
  const walk = async (loader: DataLoader) =>
    (await Array.fromAsync(loader)).flatMap(({ indices }) => [...indices]);
  const options = { batchSize: 8, shuffle: true, randomState: 2 };
  const [a, b] = [new DataLoader(example(30), options), new DataLoader(example(30), options)];
  const [first, second] = [await walk(a), await walk(a)];
  assert.notDeepEqual(first, second);
  assert.deepEqual([await walk(b), await walk(b)], [first, second]);
  assert.deepEqual(first.toSorted((x, y) => x - y), Array.from({ length: 30 }, (_, i) => i));
});

Deno.test("a batch size that is no whole number above 0 is refused", () => {
  for (const batchSize of [0, -1, 1.5, NaN]) {
    assert.throws(() => new DataLoader(example(3), { batchSize }), UserError);
  }
});
