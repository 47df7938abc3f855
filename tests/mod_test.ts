// docs/api.md: whatever a user can cause is a UserError of one line. What programs without types do wrong, by what they call.
import assert from "node:assert/strict";
import {
  compareModels,
  createClassifier,
  createTrunk,
  DataLoader,
  drawSample,
  findRate,
  gatherReport,
  ImageDataset,
  interpret,
  loadClassifier,
  loadModel,
  loadWeights,
  UserError,
} from "../mod.ts";
import { createHandler } from "../src/serve/mod.ts";

/** What has no types. */
type Untyped = (...args: unknown[]) => Promise<unknown>;

/** A function, or a method of `self`, as it is called without types. */
function untyped(call: unknown, self?: unknown): Untyped {
  return async (...args) => await (call as Untyped).apply(self, args);
}

async function refuses(work: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, /^Cannot [^\n]+$/);
    assert.match(error.message, message);
    return true;
  });
}

const data = drawSample({ rows: 60 });
const RECIPE = { weights: "random", imageSize: 28, stages: [3] } as const;

Deno.test("what takes a classifier and data says what it was given instead", async () => {
  using model = await createClassifier(RECIPE);
  await model.fit(data);
  for (const call of [interpret, gatherReport, findRate]) {
    const { name } = call;
    const called = untyped(call);
    await refuses(
      called(),
      RegExp(`${name} takes .* got nothing .*write ${name}\\(model, data\\)$`),
    );
    await refuses(called(data, model), /got an ImageDataset and a Classifier; write /);
    await refuses(
      called(model, "x.zip"),
      /a string; open the data first: await ImageDataset\.open/,
    );
    await refuses(called("m.safetensors", data), /open it first: await loadClassifier\(file\)$/);
    await refuses(called([model], data), /got a list and an ImageDataset/);
  }
  await refuses(
    untyped(interpret)(model, data, { train: "x.zip" }),
    /its option train takes an ImageDataset, got a string; open it first/,
  );
  const compare = untyped(compareModels);
  await refuses(compare(), /takes two classifiers, got nothing .*compareModels\(\{ a: one, b: /);
  await refuses(compare([model, model], data), /two classifiers, got a list; write /);
  await refuses(compare({ a: model }, data), /got a: a Classifier, b: nothing \(undefined\)/);
  await refuses(compare({ a: model, b: model }, "x.zip"), /compareModels takes an ImageDataset/);
  await refuses(untyped(model.fit, model)(Promise.resolve(data)), /got a Promise; .*await it$/);
  await refuses(untyped(model.evaluate, model)(), /evaluate takes an ImageDataset, got nothing/);
  await refuses(
    untyped(model.evaluate, model)(data, { features: Promise.resolve() }),
    /they are a Promise, expected what features\(\) gives; .*await it$/,
  );
  await refuses(untyped(model.predict, model)([null]), /picture 1: it is nothing \(null\)/);
});

Deno.test("models, weights and data are opened from what they can be, and anything else is named", async () => {
  for (const call of [loadClassifier, loadModel, createHandler]) {
    await refuses(untyped(call)(), /Cannot load a model: .*the bytes of a file, got nothing/);
    await refuses(untyped(call)([]), /got a list$/);
    await refuses(untyped(call)(Promise.resolve()), /got a Promise; .*await it$/);
    await refuses(untyped(call)(new Blob(["x"])), /\(1 bytes in memory\)/);
  }
  await refuses(untyped(loadWeights)(7), /Cannot load weights: .*, got a number$/);
  const open = untyped(ImageDataset.open, ImageDataset);
  await refuses(open(Uint8Array.of(80, 75, 3, 4)), /got a Uint8Array; write the bytes to a file/);
  await refuses(open(new File([], "a.zip")), /got a File; write the bytes to a file/);
  await refuses(open(), /expected a path or an address, got nothing/);
});

Deno.test("numbers out of range are errors of the user", async () => {
  await refuses(data.image(1000), /Cannot take image 1000: the data set has 60, counted from 0/);
  await refuses(untyped(() => new DataLoader(data, { batchSize: 0 }))(), /batch size is 0/);
  using model = await createClassifier(RECIPE);
  await model.fit(data);
  await refuses(
    untyped(model.toBytes, model)({ dtype: "f8" }),
    /dtype is "f8", expected "f32", "f16" or "int8"/,
  );
});

Deno.test("what was disposed says so", async () => {
  const model = await createClassifier(RECIPE);
  await model.fit(data);
  model[Symbol.dispose]();
  await refuses(
    model.evaluate(data),
    /the trunk was disposed; create it, or its classifier, again/,
  );
  await refuses(model.fit(data), /disposed/);
  await refuses(model.predict([await data.image(0)]), /disposed/);
  const trunk = createTrunk(model.checkpoint);
  trunk[Symbol.dispose]();
  await refuses(untyped(() => trunk.checkAlive("look"))(), /Cannot look: the trunk was disposed/);
});
