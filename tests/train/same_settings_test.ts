import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { checkSameSettings } from "../../src/train/same_settings.ts";

const hash = (digit: string) => digit.repeat(64);
const pictures = (data: string, size = 28, views = "none") =>
  JSON.stringify({ data, size, fit: "whole", views });
const BEGUN = {
  weights: hash("1"),
  head: hash("2"),
  validation: pictures(hash("3")),
  pictures: pictures(hash("4")),
  network: "torchvision, 28 px, 1280 features, 3 classes",
  learningRate: "0.001",
  randomState: "5",
  best: JSON.stringify({ keep: "best", earlyStopping: { patience: 10, minDelta: 0 } }),
};

function complaint(now: Partial<typeof BEGUN>): string {
  try {
    checkSameSettings(BEGUN, { ...BEGUN, ...now }, "run");
  } catch (error) {
    assert.ok(error instanceof UserError);
    const text = /^Cannot resume the training from run: it was begun with (.*); give the same/;
    assert.match(error.message, text);
    return text.exec(error.message)![1];
  }
  return "";
}

Deno.test("a run that is resumed as it was begun passes", () => assert.equal(complaint({}), ""));

Deno.test("an option that differs is named with both values, whatever hashes follow from it", () => {
  const others = {
    head: hash("5"),
    pictures: pictures(hash("6")),
    validation: pictures(hash("7")),
  };
  assert.equal(complaint({ learningRate: "0.002" }), "learningRate 0.001 (now 0.002)");
  assert.equal(complaint({ ...others, randomState: "6" }), "randomState 5 (now 6)");
  assert.equal(
    complaint({ ...others, best: BEGUN.best.replace("10", "3") }),
    "earlyStopping.patience 10 (now 3)",
  );
  assert.equal(
    complaint({
      head: hash("5"),
      pictures: pictures(hash("4"), 32, "flip"),
      validation: pictures(hash("3"), 32),
      network: "torchvision, 32 px, 1280 features, 3 classes",
    }),
    "another size of the pictures (28, now 32) and another augmentation (none, now flip)",
  );
});

Deno.test("where no option differs, data, weights and head are named in words", () => {
  assert.equal(complaint({ weights: hash("8"), head: hash("9") }), "other weights");
  assert.equal(complaint({ head: hash("9") }), "another head to start from");
  assert.equal(
    complaint({ head: hash("9"), pictures: pictures(hash("6")), validation: pictures(hash("7")) }),
    "other pictures or labels to validate on and other pictures or labels to learn from",
  );
});

Deno.test("of many differences the first three are told, and how many more there are", () => {
  assert.equal(
    complaint({
      weights: hash("8"),
      learningRate: "1",
      randomState: "6",
      best: JSON.stringify({ keep: "last", earlyStopping: { patience: 3, minDelta: 0 } }),
    }),
    "other weights, learningRate 0.001 (now 1), randomState 5 (now 6) and 2 more",
  );
});
