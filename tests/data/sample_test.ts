import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample, SAMPLE_CLASSES, sampleCsv } from "../../src/data/sample.ts";

Deno.test("the drawn sample as CSV in the lab's form reads back as the same data set", async () => {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    const options = { rows: 40, randomState: 3 };
    await Deno.writeTextFile(path, ReadableStream.from(sampleCsv(options)));
    const header = (await Deno.readTextFile(path)).split("\n")[0];
    assert.ok(header.startsWith('"V1","V2",') && header.endsWith('"V784","y"'));
    const opened = await ImageDataset.open(path);
    const drawn = drawSample(options);
    assert.deepEqual(opened.classes, [...drawn.classes].sort());
    assert.equal(await opened.withClasses(drawn.classes).hash(), await drawn.hash());
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("one seed draws one sample, another seed another", async () => {
  const hashes = await Promise.all([1, 1, 2].map((randomState) => {
    return drawSample({ rows: 20, randomState }).hash();
  }));
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
});

Deno.test("classes come in equal numbers, in random order, with Fashion-MNIST's names", () => {
  const data = drawSample({ rows: 200 });
  assert.deepEqual([...data.classCounts()], Array(10).fill(20));
  assert.notDeepEqual([...data.labels.subarray(0, 10)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(data.classes, SAMPLE_CLASSES);
  assert.deepEqual(
    [SAMPLE_CLASSES.length, SAMPLE_CLASSES[0], SAMPLE_CLASSES[9]],
    [10, "t-shirt", "ankle boot"],
  );
});

Deno.test("no picture is empty, and each has black around what is drawn", async () => {
  const data = drawSample({ rows: 300 });
  for (const [i, image] of (await data.images([...data.labels.keys()])).entries()) {
    const lit = image.data.filter((pixel) => pixel > 40).length;
    assert.ok(
      lit > 30 && lit < 560,
      `picture ${i} of class ${data.labels[i]} has ${lit} lit pixels`,
    );
  }
});

Deno.test("raw pixels tell the classes apart, but not well: features are needed", async () => {
  const data = drawSample({ rows: 1000 });
  const { train, test } = data.split();
  // Nearest class mean, the plainest classifier of pixels. (Logistic regression, by scikit-learn, gets 0.79.)
  const means = data.classes.map(() => new Float64Array(784));
  const counts = train.classCounts();
  for (let i = 0; i < train.length; i++) {
    const mean = means[train.labels[i]];
    (await train.image(i)).data.forEach((pixel, k) => mean[k] += pixel / counts[train.labels[i]]);
  }
  let right = 0;
  for (let i = 0; i < test.length; i++) {
    const { data: pixels } = await test.image(i);
    const distances = means.map((mean) => {
      return mean.reduce((sum, value, k) => sum + (value - pixels[k]) ** 2, 0);
    });
    if (distances.indexOf(Math.min(...distances)) === test.labels[i]) right++;
  }
  const accuracy = right / test.length;
  assert.ok(accuracy > 0.4 && accuracy < 0.85, `nearest mean: ${accuracy}`);
});

Deno.test("a number of rows or a seed that makes no sense is refused", () => {
  assert.throws(() => drawSample({ randomState: -1 }), UserError);
  for (const rows of [0, -1, 2.5]) assert.throws(() => drawSample({ rows }), UserError);
});
