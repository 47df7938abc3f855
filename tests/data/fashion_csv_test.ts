import assert from "node:assert/strict";
import { ImageDataset } from "../../src/data/dataset.ts";

const path = new URL("../../../shared/data/fashion_mnist_train.csv", import.meta.url);
const present = await Deno.stat(path).then(() => true, () => false);
if (!present) {
  console.warn(
    "SKIPPED: ../shared/data/fashion_mnist_train.csv is absent, its reading is not tested",
  );
}

Deno.test(
  { name: "the lab's CSV is 1,000 pictures of 28 x 28 in 10 classes", ignore: !present },
  async () => {
    const data = await ImageDataset.open(path);
    assert.equal(data.length, 1000);
    assert.deepEqual(data.classes, [..."0123456789"]);
    const { height, width, channels } = await data.image(0);
    assert.deepEqual([height, width, channels], [28, 28, 1]);
    // pandas: df.iloc[:, :784].values.sum(), df.y.sum()
    let sum = 0;
    for (const { data: pixels } of await data.images([...data.labels.keys()])) {
      for (const pixel of pixels) sum += pixel;
    }
    assert.deepEqual([sum, data.labels.reduce((total, label) => total + label, 0)], [
      58355029,
      4425,
    ]);
  },
);
