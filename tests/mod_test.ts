// docs/api.md: whatever a user can cause is a UserError of one line. What programs without types do wrong, by what they call.
import assert from "node:assert/strict";
import {
  colorJitter,
  compareModels,
  compose,
  createClassifier,
  createTrunk,
  crossValidate,
  DataLoader,
  drawSample,
  exportOnnx,
  exportSafetensors,
  findRate,
  fitHead,
  gatherReport,
  gaussianBlur,
  gradCam,
  ImageDataset,
  interpret,
  loadClassifier,
  loadModel,
  loadWeights,
  parseTransform,
  randomErasing,
  randomHorizontalFlip,
  randomResizedCrop,
  randomRotation,
  randomVerticalFlip,
  sampleCsv,
  startBackend,
  stratifiedKFold,
  trainTestSplit,
  trivialAugment,
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

Deno.test("an option that nobody would look at is refused wherever options are taken", async () => {
  using model = await createClassifier(RECIPE);
  await model.fit(data);
  const pictures = [await data.image(0)];
  const kept = await loadModel(await model.toBytes());
  const features = await model.features(data);
  const of = (self: unknown, name: string) =>
    untyped((self as Record<string, unknown>)[name], self);
  const bytes = new Uint8Array(4);
  const cases: [call: Untyped, args: unknown[], options: unknown, message: string][] = [
    [
      of(model, "fit"),
      [data],
      { epoch: 3 },
      'train: fit has no option "epoch"; did you mean "epochs"',
    ],
    [of(model, "fit"), [data], { augment: { view: 3 } }, '"augment.view"; did you mean "views"?'],
    [of(model, "fit"), [data], { method: "lpft", fineTune: { freezeto: "a" } }, '"freezeTo"?'],
    [
      of(model, "fit"),
      [data],
      { method: "lpft", fineTune: { schedule: { warmUp: 1 } } },
      '"warmup"',
    ],
    [of(model, "fit"), [data], { method: "lpft", earlyStopping: { patients: 1 } }, '"patience"?'],
    [of(model, "fit"), [data], { method: "lpft", validation: { testSize: 1 } }, "takes size, data"],
    [of(model, "features"), [data], { cached: "a" }, '"cached"; did you mean "cache"?'],
    [of(model, "evaluate"), [data], { feature: 1 }, 'did you mean "features"?'],
    [of(model, "probabilities"), [data], { feature: 1 }, 'did you mean "features"?'],
    [of(model, "predict"), [pictures], { Top: 1 }, 'did you mean "top"?'],
    [of(model, "predict"), [pictures], { top: "3" }, 'top is the text "3", expected a number'],
    [of(model, "toBytes"), [], { Dtype: "f16" }, 'did you mean "dtype"?'],
    [of(model, "save"), ["nowhere"], { trunks: "absent" }, 'did you mean "trunk"?'],
    [of(model, "describe"), [], { evaluations: 1 }, 'did you mean "evaluation"?'],
    [
      of(data, "split"),
      [],
      { test_size: 0.1 },
      'split: split has no option "test_size"; did you mean',
    ],
    [of(data, "split"), [], { testSize: "0.1" }, 'testSize is the text "0.1", expected a number'],
    [of(ImageDataset, "open"), ["x"], { labelfrom: "a" }, 'did you mean "labelFrom"?'],
    [of(ImageDataset, "fromPixels"), [bytes], { shape: [2, 2, 1], label: [] }, '"labels"?'],
    [of(ImageDataset, "fromImages"), [pictures], { class: [] }, 'did you mean "classes"?'],
    [
      untyped((a: unknown) => new DataLoader(data, a as undefined)),
      [],
      { batch: 2 },
      'did you mean "batchSize"?',
    ],
    [untyped(createClassifier), [], { ...RECIPE, imagesize: 84 }, 'did you mean "imageSize"?'],
    [untyped(createClassifier), [], { ...RECIPE, classes: "cat" }, 'classes is the text "cat"'],
    [untyped(loadClassifier), [bytes], { thread: 1 }, 'did you mean "threads"?'],
    [untyped(loadWeights), ["random"], { varient: "timm" }, 'did you mean "variant"?'],
    [untyped(crossValidate), [model, data], { fold: 3 }, 'did you mean "folds"?'],
    [untyped(crossValidate), [model, data], { budgetSeconds: 3 }, 'no option "budgetSeconds"'],
    [untyped(interpret), [model, data], { heatmap: false }, 'did you mean "heatmaps"?'],
    [untyped(gatherReport), [model, data], { title: "a" }, 'no option "title"; it takes'],
    [untyped(gatherReport), [model, data], { told: { commands: [] } }, '"told.commands"'],
    [untyped(compareModels), [{ a: model, b: model }, data], { seed: 3 }, "randomState"],
    [untyped(findRate), [model, data], { method: "linear", step: 3 }, 'did you mean "steps"?'],
    [untyped(fitHead), [features, data.labels, data.classes], { Method: "linear" }, '"method"?'],
    [untyped(createHandler), [model], { maxPixel: 3 }, 'did you mean "maxPixels"?'],
    [untyped(startBackend), [], { thread: 1 }, 'did you mean "threads"?'],
    [untyped(drawSample), [], { row: 3 }, 'did you mean "rows"?'],
    [untyped((a: unknown) => [...sampleCsv(a as undefined)]), [], { row: 3 }, '"rows"?'],
    [untyped(trainTestSplit), [10], { testsize: 3 }, 'did you mean "testSize"?'],
    [untyped(stratifiedKFold), [[0, 0]], { fold: 2 }, 'did you mean "folds"?'],
    [untyped(exportSafetensors), [kept], { type: "f16" }, 'did you mean "dtype"?'],
    [untyped(exportOnnx), [kept], { headOnly: true }, 'no option "headOnly"'],
  ];
  for (const [call, args, options, message] of cases) {
    const wanted = RegExp(message.replace(/[?."()]/g, "\\$&"));
    await refuses(call(...args, options), wanted);
  }
});

Deno.test("parts that options hand over, places and paths are refused by what they are", async () => {
  using model = await createClassifier(RECIPE);
  await model.fit(data);
  const of = (self: unknown, name: string) =>
    untyped((self as Record<string, unknown>)[name], self);
  const fit = (options: unknown) => of(model, "fit")(data, options);
  const lpft = (fineTune: unknown) => fit({ method: "lpft", fineTune });
  const create = (options: object) => untyped(createClassifier)({ ...RECIPE, ...options });
  const cases: [work: Promise<unknown>, message: RegExp][] = [
    [fit({ augment: { transform: "flip" } }), /augment\.transform is a string, expected a transf/],
    [fit({ augment: {} }), /augment\.transform is nothing \(undefined\), expected a transform/],
    [fit({ method: "lpft", validation: { data: "x" } }), /validation\.data takes an ImageDataset/],
    [fit({ method: "lpft", validation: { part: "x" } }), /validation\.part is "x", expected "vali/],
    [fit({ features: {} }), /features: they are an object, expected what features\(\) gives/],
    [fit({ featuresCache: 3 }), /Cannot keep the features: expected a path, got a number/],
    [lpft({ checkpoint: "run" }), /fineTune\.checkpoint is a string, expected an object/],
    [lpft({ checkpoint: { store: "run" } }), /store is a string, .*checkpointFolder\("run"\)/],
    [lpft({ augmentation: "flip" }), /augmentation is a string, expected an augmentation/],
    [of(model, "save")(), /Cannot save the model: expected a path, got nothing \(undefined\)/],
    [of(model, "save")(""), /Cannot save the model: expected a path, got an empty one/],
    [of(data, "subset")(3), /expected a list of their places, got a number/],
    [of(data, "images")(), /expected a list of their places, got nothing/],
    [of(data, "withClasses")(), /classes is nothing \(undefined\), expected a list of names/],
    [create({ classes: [1, 2] }), /class 1 is a number, expected a text/],
    [create({ classes: ["a", "a"] }), /class "a" is there twice/],
    [create({ weights: { tensors: 3 } }), /Cannot load weights: .*, got an object$/],
    [untyped(crossValidate)(model, data, { features: {} }), /they are an object, expected what f/],
    [untyped(interpret)(model, data, { features: 3 }), /they are a number, expected what features/],
    [untyped(interpret)(model, data, { top: -1 }), /top is -1, expected a whole number from 0/],
    [untyped(gradCam)(), /gradCam takes a classifier, got nothing \(undefined\)/],
    [untyped(gradCam)(model, "a.jpg"), /takes a list of pictures .*, got a string; write \[pict/],
    [untyped(exportOnnx)(model), /a kept model, got a Classifier; write await loadModel\(file\)/],
    [untyped(exportSafetensors)(), /expected a kept model, got nothing \(undefined\)/],
  ];
  for (const [work] of cases) work.catch(() => {}); // each is looked at in its turn
  for (const [work, message] of cases) await refuses(work, message);
});

Deno.test("transforms refuse options that nobody would look at, and parts that are none", async () => {
  const cases: [make: unknown, args: unknown[], message: RegExp][] = [
    [randomHorizontalFlip, [{ P: 1 }], /no option "P"; did you mean "p"\?$/],
    [randomVerticalFlip, [0.5], /the options of randomVerticalFlip are a number, expected an obj/],
    [gaussianBlur, [], /the options of gaussianBlur are nothing/],
    [gaussianBlur, [{}], /kernelSize is undefined, expected odd numbers of pixels/],
    [gaussianBlur, [{ kernelsize: 3 }], /no option "kernelsize"; did you mean "kernelSize"\?$/],
    [randomRotation, [], /degrees is undefined, expected two numbers in order/],
    [randomRotation, [["0", "9"]], /degrees is \["0","9"\], expected two numbers in order/],
    [randomRotation, [9, { expanded: true }], /did you mean "expand"\?$/],
    [randomResizedCrop, [{ scales: [0.5, 1] }], /did you mean "scale"\?$/],
    [colorJitter, [{ bright: 1 }], /did you mean "brightness"\?$/],
    [randomErasing, [{ values: 1 }], /did you mean "value"\?$/],
    [trivialAugment, [{ bins: 3 }], /it takes numMagnitudeBins, interpolation, fill$/],
    [compose, [], /expected a list of them, got nothing \(undefined\); write compose\(\[/],
    [compose, [["flip"]], /got one with a string in it/],
    [parseTransform, [], /expected a text such as .*, got nothing/],
  ];
  for (const [make, args, message] of cases) await refuses(untyped(make)(...args), message);
});
