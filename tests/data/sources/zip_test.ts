import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { classesByName, GREY, JPEG, pictureTree, PNG, refuses, type Tree } from "./picture_tree.ts";
import { zipFile, type ZipMember } from "./zip_file.ts";

/** Opens an archive of these files. */
async function openZip(
  members: readonly ZipMember[] | Uint8Array,
  options: Parameters<typeof ImageDataset.open>[1] = {},
): Promise<ImageDataset> {
  const bytes = members instanceof Uint8Array ? members : zipFile(members);
  await using folder = await pictureTree({ "pets.bin": bytes });
  const data = await ImageDataset.open(`${folder.path}/pets.bin`, options);
  // The archive is read when pictures are asked for: what there is to see is seen now.
  await data.images([...data.labels.keys()]);
  return data;
}

const membersOf = (files: Tree) =>
  Object.entries(files).map(([name, content]) => ({ name, content: content as Uint8Array }));
const PETS = membersOf({ "pets/cat.0.jpg": JPEG, "pets/dog_1.png": PNG, "pets/dog_2.jpg": GREY });

Deno.test("an archive is the same data set as its folder, deflated and stored", async () => {
  const tree = {
    "dog/b.png": PNG,
    "cat/größe 猫.jpg": JPEG,
    "cat/a.jpg": GREY,
    "cat/empty.txt": new Uint8Array(0),
  };
  await using folder = await pictureTree(tree);
  const expected = await ImageDataset.open(folder.path);
  for (const deflated of [true, false]) {
    const members = membersOf(tree).map((member) => ({ ...member, deflated }));
    await Deno.writeFile(`${folder.path}.zip`, zipFile(members));
    const data = await ImageDataset.open(`${folder.path}.zip`);
    await using _gone = { [Symbol.asyncDispose]: () => Deno.remove(`${folder.path}.zip`) };
    assert.deepEqual(data.classes, expected.classes);
    assert.deepEqual(classesByName(data), classesByName(expected));
    assert.deepEqual(await data.images([0, 1, 2]), await expected.images([0, 1, 2]));
    assert.deepEqual(await data.bytes(1), JPEG);
    assert.equal(await data.hash(), await expected.hash());
    assert.deepEqual([data.name(2), data.passedOver], ["dog/b.png", 1]);
  }
});

Deno.test("an archive's classes are in the file names where it holds one folder", async () => {
  const data = await openZip(PETS);
  assert.deepEqual([data.classes, [...data.labels]], [["cat", "dog"], [0, 1, 1]]);
});

Deno.test("an archive opens from a server", async () => {
  const bytes = zipFile(PETS);
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(bytes),
  );
  const data = await ImageDataset.open(`http://127.0.0.1:${server.addr.port}/pets.zip`);
  assert.deepEqual([data.length, data.classes], [3, ["cat", "dog"]]);
  assert.ok((await data.image(2)).height > 0);
});

Deno.test("names that lead out of the archive are names like others", async () => {
  const before = [...Deno.readDirSync("..")].length;
  const data = await openZip(membersOf({
    "../../../etc/cat/passwd.jpg": JPEG,
    "/dog/absolute.jpg": PNG,
    "C:\\owl\\windows.jpg": GREY,
    "dog\\..\\..\\back.jpg": GREY,
  }));
  assert.deepEqual(
    Array.from(data.labels, (_, i) => data.name(i)),
    ["C:/owl/windows.jpg", "dog/absolute.jpg", "dog/back.jpg", "etc/cat/passwd.jpg"],
  );
  assert.equal([...Deno.readDirSync("..")].length, before);
});

Deno.test("what systems put into archives is passed over", async () => {
  const data = await openZip([
    ...PETS,
    ...membersOf({ "__MACOSX/pets/._cat.0.jpg": JPEG, "pets/.DS_Store": new Uint8Array(9) }),
    { name: "pets/", content: new Uint8Array(0) },
  ]);
  assert.deepEqual([data.length, data.passedOver], [3, 2]);
});

Deno.test("an encrypted archive is refused, an encrypted file skipped", async () => {
  const locked = (member: ZipMember) => ({ ...member, flags: 0x801 });
  await refuses(() => openZip(PETS.map(locked)), "it is encrypted; unpack it with its password");
  const data = await openZip([...PETS, locked({ name: "pets/cat.9.jpg", content: JPEG })]);
  assert.deepEqual(data.skipped, [{
    name: "pets/cat.9.jpg",
    reason: "it is encrypted; unpack the archive with its password",
  }]);
});

Deno.test("an archive that is cut off, empty or no archive is refused in one line", async () => {
  const whole = zipFile(PETS);
  for (const length of [4, 40, whole.length - 30, whole.length - 3]) {
    await refuses(
      () => openZip(whole.subarray(0, length)),
      "pets.bin: the zip archive is cut off or damaged",
    );
  }
  await refuses(() => openZip([]), "the zip archive is empty; expected JPEG or PNG pictures");
  const texts = membersOf({ "a.txt": new Uint8Array(9), "b.txt": new Uint8Array(9) });
  await refuses(() => openZip(texts), "no pictures among the 2 files of the zip archive");
});

Deno.test("an archive damaged anywhere is a data set or a line, and ends", async () => {
  const whole = zipFile(PETS);
  let refused = 0;
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = whole.slice();
    damaged[at] ^= 0xff;
    try {
      const data = await openZip(damaged, { requireLabels: false });
      refused += data.skipped.length;
      assert.ok(data.length + data.skipped.length + data.passedOver <= 3);
    } catch (error) {
      assert.equal((error as Error).name, "UserError", `${at}: ${(error as Error).stack}`);
      refused++;
    }
  }
  assert.ok(refused > 50, `${refused}`);
});

Deno.test("a file whose place is damaged, or that lies about its size, is skipped", async () => {
  const good = { name: "dog/1.jpg", content: JPEG };
  const wrong: [what: string, member: Partial<ZipMember>, reason: RegExp][] = [
    ["checksum", { crc: 7 }, /its place in the zip archive is damaged/],
    ["less than it says", { size: JPEG.length + 1 }, /is damaged/],
    ["more than it says", { size: JPEG.length - 1 }, /is damaged/],
    ["more than deflate can make", { size: 200_000_000 }, /is damaged/],
    [
      "a bomb behind a picture's name",
      { content: new Uint8Array(30_000_000) },
      /packed bytes become 30000000, more than 64 times as many, as in a zip bomb/,
    ],
    ["a size that is no picture's", { size: 1 << 29 }, /expected a picture of at most/],
    ["stored and of another size", { deflated: false, size: 9 }, /is damaged/],
    ["another method", { method: 14 }, /it is packed by method 14, expected deflate/],
    ["no header where it should be", { offset: 3 }, /is damaged/],
    ["a place outside", { offset: 1 << 30 }, /is damaged/],
  ];
  for (const [what, member, reason] of wrong) {
    const data = await openZip([good, { name: "cat/1.jpg", content: JPEG, ...member }]);
    assert.deepEqual([data.length, data.skipped.length], [1, 1], what);
    assert.match(data.skipped[0].reason, reason, what);
  }
});

Deno.test("a bomb goes off nowhere: not by size, not by files over one another", async () => {
  // 256 MB of zeros in 256 KB.
  const zeros = new Uint8Array(1 << 28);
  const bomb = { name: "cat/bomb", content: zeros };
  const since = performance.now();
  const data = await openZip([bomb, ...membersOf({ "cat/1.jpg": JPEG, "dog/1.jpg": JPEG })]);
  assert.deepEqual([data.length, data.passedOver], [2, 1]);
  assert.ok(performance.now() - since < 20_000);
  const many = Array.from({ length: 50 }, (_, i) => ({
    name: `cat/${i}.jpg`,
    content: JPEG,
    offset: 0,
  }));
  const archive = zipFile(many);
  // One file's data for all of them: the other places are cut out.
  const one = zipFile(many.slice(0, 1));
  const firstEnd = 30 + "cat/0.jpg".length + (one.length - 30 - 46 - 22 - 2 * "cat/0.jpg".length);
  const directory = archive.indexOf(0x02, firstEnd);
  assert.ok(directory > 0);
  const start = new DataView(archive.buffer).getUint32(archive.length - 6, true);
  const squeezed = new Uint8Array(firstEnd + archive.length - start);
  squeezed.set(archive.subarray(0, firstEnd));
  squeezed.set(archive.subarray(start), firstEnd);
  new DataView(squeezed.buffer).setUint32(squeezed.length - 6, firstEnd, true);
  await refuses(() => openZip(squeezed), "its files lie over one another, as in a zip bomb");
});
