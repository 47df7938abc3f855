// Folders that come divided, as people lay them out.
import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { pictureTree, treeOf } from "./picture_tree.ts";

const classPaths = (folder: string, numbers: readonly number[], classes = ["daisy", "rose"]) =>
  classes.flatMap((name) => numbers.map((k) => `${folder}/${name}/${k}.jpg`));

Deno.test("seg_train/seg_train/<class> and seg_test/seg_test/<class> are parts of 8 and 4 with two classes", async () => {
  await using folder = await pictureTree(
    treeOf([
      ...classPaths("seg_train/seg_train", [0, 1, 2, 3]),
      ...classPaths("seg_test/seg_test", [0, 1]),
    ]),
  );
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual(data.classes, ["daisy", "rose"]);
  assert.deepEqual([data.parts?.train.length, data.parts?.test?.length], [8, 4]);
  assert.match(data.notes.join(), /"seg_test" as test, "seg_train" as train/);
});

Deno.test("an unlabelled test folder is for predict: left out with a note, kept if labels may be absent", async () => {
  await using folder = await pictureTree(
    treeOf([...classPaths("train", [0, 1, 2, 3]), "test/0.jpg", "test/1.jpg"]),
  );
  for (const onError of ["skip", "stop"] as const) {
    const data = await ImageDataset.open(folder.path, { onError });
    assert.deepEqual([data.length, data.hasLabels, data.parts, data.skipped], [
      8,
      true,
      undefined,
      [],
    ]);
    assert.deepEqual(data.notes, [
      "the 2 images of the test part have no label and are not used here: predict names classes",
    ]);
  }
  const all = await ImageDataset.open(folder.path, { requireLabels: false });
  assert.deepEqual([all.length, all.parts?.test?.length, all.notes], [10, 2, []]);
});

Deno.test("a single image without a label in a labelled test folder is left out and told", async () => {
  await using folder = await pictureTree(
    treeOf([...classPaths("train", [0, 1]), ...classPaths("test", [2]), "test/stray.jpg"]),
  );
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual([data.length, data.parts?.test?.length], [6, 2]);
  assert.deepEqual(data.skipped, [
    { name: `${folder.path}/test/stray.jpg`, reason: "it lies in no class's folder" },
  ]);
});

Deno.test("train/anger and test/ANGER are one class with a note, Anger beside anger stays apart with one", async () => {
  await using folder = await pictureTree(
    treeOf([
      ...classPaths("train", [0, 1], ["anger", "joy"]),
      ...classPaths("test", [2], ["ANGER", "JOY"]),
    ]),
  );
  const data = await ImageDataset.open(folder.path);
  assert.deepEqual([data.classes, [...data.classCounts()]], [["anger", "joy"], [3, 3]]);
  assert.match(data.notes.join(), /"ANGER" is read as "anger", "JOY" is read as "joy"/);
  await using beside = await pictureTree(
    treeOf([
      ...classPaths("train", [0], ["Anger", "anger"]),
      ...classPaths("test", [1], ["anger"]),
    ]),
  );
  const two = await ImageDataset.open(beside.path);
  assert.deepEqual(two.classes, ["Anger", "anger"]);
  assert.match(two.notes.join(), /"Anger" and "anger"; name them alike/);
});
