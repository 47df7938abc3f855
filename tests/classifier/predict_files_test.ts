// Classifier.predict on picture files: bytes, paths and decoded pictures give the same answers.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { decodeBase64 } from "../../src/core/base64.ts";
import type { Progress } from "../../src/core/progress.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { readPictureBatches } from "../../src/data/read_image.ts";
import { drawSample } from "../../src/data/sample.ts";
import jpegs from "../fixtures/jpegs.json" with { type: "json" };
import fixture from "../fixtures/images.json" with { type: "json" };

const bytes = decodeBase64(fixture.images.find(({ name }) => name === "rgb.jpg")!.file);

Deno.test("bytes, a path, a URL and decoded pixels are the same picture", async () => {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await model.fit(drawSample({ rows: 60 }));
  const path = await Deno.makeTempFile({ prefix: "graft_picture_" });
  try {
    await Deno.writeFile(path, bytes);
    const reports: Progress[] = [];
    const answers = await model.predict(
      [await decodeImage(bytes), bytes, path, new URL(`file://${path}`)],
      { top: 2, onProgress: (progress) => reports.push(progress) },
    );
    assert.equal(answers.length, 4);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.deepEqual([reports.at(-1)?.done, reports.at(-1)?.total], [4, 4]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a large JPEG gets the answer that it gets in a data set", async () => {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  const folder = await Deno.makeTempDir();
  try {
    const { file } = jpegs.find(({ height }) => height === 176)!;
    for (const name of ["a.1", "a.2", "b.1", "b.2"]) {
      await Deno.writeFile(`${folder}/${name}.jpg`, decodeBase64(file));
    }
    const data = await ImageDataset.open(folder);
    await model.fit(data, { method: "linear", epochs: 1 });
    const [answer] = await model.predict([decodeBase64(file)]);
    assert.deepEqual(answer, (await model.predict(data.subset([0])))[0]);
    // That of the whole picture is near, but another one.
    const whole = await model.predict([await decodeImage(decodeBase64(file))]);
    const far = Math.abs(whole[0].probability - answer.probability);
    assert.ok(far > 0 && far < 0.01, `${far}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what cannot be read or decoded is named, also without a name of its own", async () => {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await model.fit(drawSample({ rows: 60 }));
  const cases: [sources: (string | Uint8Array)[], message: RegExp][] = [
    [[bytes, bytes.subarray(0, 200)], /^Cannot read picture 2: the JPEG is cut off or damaged/],
    [["no_such.jpg"], /^Cannot read no_such\.jpg: there is no such file/],
  ];
  for (const [sources, message] of cases) {
    await assert.rejects(model.predict(sources), { name: "UserError", message });
  }
  assert.deepEqual(await model.predict([]), []);
});

Deno.test("many pictures are read a few at a time, in order", async () => {
  const dot = { data: new Uint8Array(1), height: 1, width: 1, channels: 1 } as const;
  const [height, width] = [8000, 7000];
  const large = { data: new Uint8Array(height * width), height, width, channels: 1 } as const;
  const batches = async (sources: (typeof dot | typeof large)[]) => {
    const found: (readonly number[])[] = [];
    for await (const { pictures, indices } of readPictureBatches(sources)) {
      assert.equal(pictures.length, indices.length);
      found.push(indices);
    }
    return found;
  };
  assert.deepEqual((await batches(Array(600).fill(dot))).map(({ length }) => length), [
    256,
    256,
    88,
  ]);
  assert.deepEqual(await batches([dot, large, large, dot]), [[0, 1], [2, 3]]);
  assert.deepEqual(await batches([]), []);
});
