// What TypeScript would refuse, as a program in JavaScript calls it: an error that says what to write instead.
import assert from "node:assert/strict";
import type { Classifier } from "../../src/classifier/classifier.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { crossValidate } from "../../src/classifier/cross_validate.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";

/** What has no types. */
type Untyped = (...args: unknown[]) => Promise<unknown>;

const data = drawSample({ rows: 60 });

async function refuses(work: Promise<unknown>, message: string | RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

/** A method as it is called without types. */
function untyped(model: Classifier, name: "fit" | "predict" | "evaluate" | "features"): Untyped {
  return (model[name] as unknown as Untyped).bind(model);
}

Deno.test("a classifier without weights is refused, and told which there are", async () => {
  const create = createClassifier as unknown as Untyped;
  for (const args of [[], [{}], [null], [{ weights: null }]]) {
    await refuses(
      create(...args),
      'Cannot make a classifier: no weights are given; write createClassifier({ weights: "imagenet" }), or give a ' +
        'path, an address or bytes, or "random" for a demo',
    );
  }
});

Deno.test("options of a classifier that are misspelt, none or out of range are told", async () => {
  const create = createClassifier as unknown as Untyped;
  const cannot = "Cannot make a classifier: ";
  await refuses(
    create({ weight: "starter" }),
    `${cannot}createClassifier has no option "weight"; did you mean "weights"?`,
  );
  await refuses(
    create("starter"),
    `${cannot}the options of createClassifier are a string, expected an object; write { weights: … }`,
  );
  using _model = await createClassifier({ weights: "random" }); // the backend runs already
  for (const threads of [0, 9, 1.5]) {
    await refuses(
      create({ weights: "random", threads }),
      `${cannot}threads is ${threads}, expected a whole number from 1 to 8`,
    );
    await refuses(
      loadClassifier("no such model", { threads }),
      `Cannot load a model: threads is ${threads}, expected a whole number from 1 to 8`,
    );
  }
});

Deno.test("one picture where a list is expected is refused, not taken apart", async () => {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await model.fit(data);
  const predict = untyped(model, "predict");
  const given: [value: unknown, kind: string][] = [
    ["a.jpg", "a string"],
    [new URL("file:///a.jpg"), "a URL"],
    [new Uint8Array(9), "a Uint8Array"],
    [new File([], "a.jpg"), "a File"],
    [null, "nothing (null)"],
    [await data.image(0), "an object"],
    [undefined, "nothing (undefined)"],
  ];
  for (const [value, kind] of given) {
    await refuses(
      predict(value),
      `Cannot predict: predict takes a list of pictures or an ImageDataset, got ${kind}; write predict([picture])`,
    );
  }
});

Deno.test("what is no data set is refused by whatever takes one", async () => {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await refuses(
    untyped(model, "fit")("x.zip"),
    "Cannot train: fit takes an ImageDataset, got a string; open it first: await ImageDataset.open(source)",
  );
  await refuses(
    untyped(model, "fit")(),
    /^Cannot train: fit takes an ImageDataset, got nothing \(undefined\); see /,
  );
  await refuses(untyped(model, "features")([]), /features takes an ImageDataset, got a list; see /);
  await model.fit(data);
  await refuses(
    untyped(model, "evaluate")("x.zip"),
    /^Cannot evaluate: .*open it first: await ImageDataset/,
  );
});

Deno.test("a cross-validation with its arguments swapped says how to write it", async () => {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  const validate = crossValidate as unknown as Untyped;
  const cases: [args: unknown[], got: string][] = [
    [[data, model], "an ImageDataset and a Classifier; write crossValidate(model, data)"],
    [
      [model, "x.zip"],
      "a Classifier and a string; open the data first: await ImageDataset.open(source)",
    ],
    [[data, { folds: 4 }], "an ImageDataset and an object; write crossValidate(model, data)"],
    [
      ["x.safetensors", data],
      "a string and an ImageDataset; open it first: await loadClassifier(file)",
    ],
    [
      [Promise.resolve(model), data],
      "a Promise and an ImageDataset; it is not there yet: await it",
    ],
  ];
  for (const [args, got] of cases) {
    await refuses(
      validate(...args),
      `Cannot cross-validate: crossValidate takes a classifier and an ImageDataset, got ${got}`,
    );
  }
});
