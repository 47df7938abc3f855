import assert from "node:assert/strict";
import { UserError } from "../../../src/core/errors.ts";
import { labelPaths } from "../../../src/data/sources/label_paths.ts";

const labelsOf = (paths: string[], labelFrom?: string | RegExp) =>
  labelPaths(paths, "pets", { labelFrom }).labels.map((label) => label ?? "-").join();

Deno.test("the class is the first folder that tells pictures apart", () => {
  assert.equal(labelsOf(["cat/1.jpg", "dog/1.jpg"]), "cat,dog");
  assert.equal(labelsOf(["pets/cat/1.jpg", "pets/dog/1.jpg"]), "cat,dog");
  assert.equal(labelsOf(["cat/tabby/1.jpg", "cat/2.jpg", "dog/1.jpg"]), "cat,cat,dog");
  assert.equal(labelsOf(["2/cat_1.jpg", "10/dog_1.jpg", "1/a.jpg"]), "2,10,1");
  assert.equal(labelsOf(["../../etc/cat/1.jpg", "./../etc/dog/2.jpg"]), "cat,dog");
});

Deno.test("in one folder the class is the file's name before its number", () => {
  const names: [name: string, label: string][] = [
    ["cat.0.jpg", "cat"],
    ["cat.1.jpeg", "cat"],
    ["chihuahua_99.jpg", "chihuahua"],
    ["chihuahua_7.PNG", "chihuahua"],
    ["american_bulldog_203.jpg", "american_bulldog"],
    ["american_bulldog_4.jpg", "american_bulldog"],
    ["n01440764_10026.JPEG", "n01440764"],
    ["n01440764_7.JPEG", "n01440764"],
    ["owl (12).jpg", "owl"],
    ["owl(13).jpg", "owl"],
    ["owl.jpg", "owl"],
    ["fox0001.jpg", "fox"],
    ["fox-2.jpg", "fox"],
    ["fuchs größe 3.jpg", "fuchs größe"],
    ["fuchs größe 4.jpg", "fuchs größe"],
    ["0001.jpg", "-"],
    ["2007_000027.jpg", "-"],
    ["stray.jpg", "-"],
  ];
  const expected = names.map(([, label]) => label).join();
  assert.equal(labelsOf(names.map(([name]) => name)), expected);
  assert.equal(labelsOf(names.map(([name]) => `some/folder/${name}`)), expected);
});

Deno.test("names that are all different or all numbers are no classes", () => {
  assert.equal(labelsOf(["1.jpg", "2.jpg"]), "-,-");
  assert.equal(labelsOf(["beach1.jpg", "dog2.jpg", "tree3.jpg"]), "-,-,-");
});

Deno.test("a folder of one class keeps its name", () => {
  assert.equal(labelsOf(["cats/IMG_1.jpg", "cats/IMG_2.jpg"]), "cats,cats");
});

Deno.test("folders for training, validation and testing are parts, not classes", () => {
  const paths = ["train/cat/1.jpg", "train/dog/2.jpg", "val/cat/3.jpg", "test/dog/4.jpg"];
  for (const wrapped of [paths, paths.map((path) => `pets/${path}`)]) {
    const { labels, parts } = labelPaths(wrapped, "pets");
    assert.deepEqual(labels, ["cat", "dog", "cat", "dog"]);
    assert.deepEqual(parts, ["train", "train", "validation", "test"]);
  }
  const other = labelPaths(
    ["training_set/training_set/cat/1.jpg", "training_set/training_set/dog/1.jpg"].concat(
      ["test_set/test_set/cat/1.jpg", "Validation/dog/2.jpg"],
    ),
    "pets",
  );
  assert.deepEqual(other.labels, ["cat", "dog", "cat", "dog"]);
  assert.deepEqual(other.parts, ["train", "train", "test", "validation"]);
  const byName = labelPaths(
    ["train/cat.0.jpg", "train/dog.1.jpg", "train/cat.2.jpg", "train/dog.3.jpg", "test1/1.jpg"],
    "pets",
  );
  assert.deepEqual(byName.labels, ["cat", "dog", "cat", "dog", undefined]);
  assert.deepEqual(byName.parts?.at(-1), "test");
  const flatTest = labelPaths(["train/cat/1.jpg", "train/dog/2.jpg", "test/a.jpg"], "pets");
  assert.deepEqual(flatTest.labels, ["cat", "dog", undefined]);
});

Deno.test("folders that are called after parts and more are parts if all are, and that is noted", () => {
  const paths = ["seg_train/seg_train/cat/1.jpg", "seg_train/seg_train/dog/2.jpg"]
    .concat(["seg_test/seg_test/cat/3.jpg", "seg_pred/seg_pred/4.jpg"]);
  for (const wrapped of [paths, paths.map((path) => `intel/${path}`)]) {
    const { labels, parts, notes } = labelPaths(wrapped, "intel");
    assert.deepEqual(labels, ["cat", "dog", "cat", undefined]);
    assert.deepEqual(parts, ["train", "train", "test", "unlabelled"]);
    assert.deepEqual(notes, [
      'folders are read as parts: "seg_train" as train, "seg_test" as test, "seg_pred" as unlabelled',
    ]);
  }
  const names: [train: string, test: string, part: string][] = [
    ["train_images", "test_images", "test"],
    ["Training", "Testing", "test"],
    ["train", "valid", "validation"],
    ["train", "dev", "validation"],
    ["TrainData", "TestData", "test"],
    ["train", "my_test", "test"],
    ["pets-train", "pets-validation", "validation"],
  ];
  for (const [train, test, part] of names) {
    const given = [`${train}/cat/1.jpg`, `${train}/dog/2.jpg`, `${test}/images/3.jpg`];
    const found = labelPaths(given, "pets");
    assert.deepEqual([found.parts, found.labels], [["train", "train", part], [
      "cat",
      "dog",
      undefined,
    ]], train);
  }
});

Deno.test("classes whose names hold those of parts stay classes", () => {
  for (const folders of [["bullet_train", "test_tube"], ["train", "plane"], ["terrain", "value"]]) {
    const { labels, parts } = labelPaths(folders.map((name) => `${name}/1.jpg`), "toys");
    assert.deepEqual([labels, parts], [folders, undefined]);
  }
  assert.equal(
    labelsOf(["bullet_train/1.jpg", "test_tube/1.jpg", "train/1.jpg", "cat/1.jpg"]),
    "bullet_train,test_tube,train,cat",
  );
});

Deno.test("parts within the folders of the classes are parts, and that is noted", () => {
  const paths = ["cat/train/1.jpg", "cat/test/2.jpg", "dog/train/3.jpg", "dog/test/4.jpg"];
  const { labels, parts, notes } = labelPaths(paths, "pets");
  assert.deepEqual([labels, parts, notes.length], [["cat", "cat", "dog", "dog"], [
    "train",
    "test",
    "train",
    "test",
  ], 1]);
});

Deno.test("folders of which none is for training are classes", () => {
  const { labels, parts } = labelPaths(["test/1.jpg", "val/2.jpg"], "pets");
  assert.deepEqual([labels, parts], [["test", "val"], undefined]);
  assert.equal(labelPaths(["train/1.jpg", "plane/2.jpg"], "toys").parts, undefined);
});

Deno.test("a few pictures beside the class folders have no class, of many none has", () => {
  assert.equal(labelsOf(["cat/1.jpg", "dog/1.jpg", "cover.jpg"]), "cat,dog,-");
  const { labels, obstacle } = labelPaths(["cat/1.jpg", "a.jpg", "b.jpg"], "pets");
  assert.deepEqual(labels, [undefined, undefined, undefined]);
  assert.equal(obstacle, "of its pictures 1 lie in sub-folders and 2 beside them");
});

Deno.test("a picture beside the parts is of none, a folder beside them makes them unclear", () => {
  const paths = ["train/cat/1.jpg", "train/dog/2.jpg", "test/dog/4.jpg"];
  const beside = labelPaths([...paths, "cover.jpg"], "pets");
  assert.deepEqual(beside.labels, ["cat", "dog", "dog", undefined]);
  assert.deepEqual(beside.parts, ["train", "train", "test", undefined]);
  const other = labelPaths([...paths, "extra/5.jpg"], "pets");
  assert.deepEqual([other.from, other.parts], [undefined, undefined]);
  assert.match(other.obstacle!, /some are called like parts/);
  const byPattern = labelPaths([...paths, "other/cat/5.jpg"], "pets", { labelFrom: "(cat|dog)" });
  assert.deepEqual(byPattern.labels, ["cat", "dog", "dog", "cat"]);
});

Deno.test("one class is one name, however a system writes its letters", () => {
  assert.equal(labelsOf(["caf\u00e9/1.jpg", "cafe\u0301/2.jpg", "tea/3.jpg"]), "café,café,tea");
});

Deno.test("a pattern's named or first group is the class", () => {
  const paths = ["x/0001_cat.jpg", "x/0002_dog.jpg", "y/none.jpg"];
  assert.equal(labelsOf(paths, "_([a-z]+)\\."), "cat,dog,-");
  assert.equal(labelsOf(paths, "(\\d+)_(?<label>[a-z]+)"), "cat,dog,-");
  assert.equal(labelsOf(paths, /_(CAT|DOG)/i), "cat,dog,-");
  assert.equal(labelsOf(paths, "^([xy])/"), "x,x,y");
  // A pattern that is used for every path starts anew each time.
  assert.equal(labelsOf(paths, /_([a-z]+)/g), "cat,dog,-");
});

Deno.test("a pattern that is none, has no group or fits nothing is refused", () => {
  const cases: [pattern: string, line: RegExp][] = [
    ["(", /Cannot use the pattern "\(": .*expected a regular expression/],
    ["cat", /it has no group/],
    ["(bird)", /the pattern "\(bird\)" fits none of its 2 pictures, which are "a\/1.jpg"/],
  ];
  for (const [pattern, line] of cases) {
    assert.throws(
      () => labelsOf(["a/1.jpg", "b/2.jpg"], pattern),
      (error) => error instanceof UserError && line.test(error.message),
      pattern,
    );
  }
});
