import assert from "node:assert/strict";
import { assignmentViews, sampleViews } from "../../../src/classifier/assignment/views.ts";
import { IMAGENET_PREPROCESSING } from "../../../src/core/preprocessing.ts";
import { preprocess } from "../../../src/data/preprocess.ts";
import { pictureSource } from "../../../src/train/pictures.ts";
import { tensorTest } from "../../train/wasm.ts";
import { colouredPictures } from "./small_assignment.ts";

const data = colouredPictures(12);

Deno.test("the views are those that the lab asks for", () => {
  const { name } = assignmentViews();
  const parts = [
    'gaussianBlur({"kernelSize":[5,5],"sigma":[0.1,5]})',
    'randomHorizontalFlip({"p":0.5})',
    'randomRotation({"degrees":[0,180]',
  ];
  const places = parts.map((part) => name.indexOf(part));
  assert.ok(places.every((place) => place > 0), name);
  assert.deepEqual(places.toSorted((a, b) => a - b), places, "another order");
});

tensorTest(
  "a sample has the first pictures of each class, in the views of the first epochs",
  async () => {
    const seed = 9;
    const samples = await sampleViews(data, { seed, pictures: 4, views: 3 });
    assert.deepEqual(samples.map(({ label }) => label), ["red", "red", "blue", "blue"]);
    assert.deepEqual(
      samples.map(({ name }) => name),
      [0, 3, 1, 2].map((index) => data.name(index)),
    );
    const prepared = { size: 8, preprocessing: IMAGENET_PREPROCESSING };
    const source = pictureSource(data, {
      ...prepared,
      transform: assignmentViews(),
      randomState: seed,
    });
    for (const epoch of [1, 2, 3]) {
      using batch = await source.batch(Int32Array.of(0, 3, 1, 2), epoch);
      const shown = preprocess(samples.map(({ views }) => views[epoch - 1]), prepared);
      assert.deepEqual(batch.images.dataSync(), shown);
    }
    assert.deepEqual(samples[0].original, await data.image(0));
  },
);

Deno.test("with many classes, one picture of each of the first is taken", async () => {
  const many = data.withClasses(["blue", "red", "green", "white", "black"]);
  const samples = await sampleViews(many, { seed: 1, pictures: 3, views: 1 });
  assert.deepEqual(samples.map(({ label }) => label), ["blue", "red"]);
});
