// What the command line says of the forms that data come in.
import assert from "node:assert/strict";
import { pictureTree, treeOf } from "../data/sources/picture_tree.ts";
import { graft, graftJson } from "./graft.ts";

Deno.test("inspect says of each part of the split whether it has labels, train names no flag that nobody gave", async () => {
  await using folder = await pictureTree(
    treeOf(["train/cat/1.jpg", "train/cat/2.jpg", "train/dog/1.jpg", "train/dog/2.jpg"]
      .concat(["test/1.jpg", "test/2.jpg", "test/3.jpg"])),
  );
  const read = `--allow-read=${folder.path}`;
  const { stdout } = await graft(["inspect", folder.path], [read]);
  assert.match(stdout, /\nsplit {8}4 train, 3 test \(no labels\)\n/);
  const json = await graftJson(["inspect", folder.path], [read]);
  assert.deepEqual([json.split, json.splitUnlabelled], [{ train: 4, test: 3 }, {
    train: 0,
    test: 3,
  }]);
  const { code, stderr } = await graft(
    ["train", folder.path, "--weights", "starter", "--method", "probe", "--test-size", "0"],
    [read],
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /the 3 images of the test part have no label and are not used here/);
  const own = await graft(
    ["train", folder.path, "--weights", "starter", "--method", "probe", "--stratify"],
    [read],
  );
  assert.doesNotMatch(own.stderr, /--test-size: |--on-error|--test-size$/m);
});

Deno.test("a text that is given for data by mistake stands in no message", async () => {
  const path = await Deno.makeTempFile({ suffix: ".txt" });
  try {
    await Deno.writeTextFile(path, "DB_PASSWORD=hunter2-is-secret\nAWS_SECRET=abcdefghijklmnop\n");
    for (const verb of [["inspect"], ["train", "--weights", "starter"], ["eval", path]]) {
      const { code, stdout, stderr } = await graft([...verb, path], [`--allow-read=${path}`]);
      assert.notEqual(code, 0);
      assert.doesNotMatch(stdout + stderr, /hunter2|abcdef|SECRET=/);
    }
  } finally {
    await Deno.remove(path);
  }
});
