import assert from "node:assert/strict";
import { modelText } from "../../src/cli/model_text.ts";
import { terminalPage } from "../../src/cli/page.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import type { Manifest } from "../../src/store/manifest.ts";

const MANIFEST: Manifest = {
  format: 1,
  graft: "0.1.0",
  classes: ["cat", "dog"],
  backbone: "efficientnet_b0",
  variant: "torchvision",
  preprocessing: IMAGENET_PREPROCESSING,
  imageSize: 84,
  fit: "whole",
  stages: [3, 8],
  head: {
    kind: "finetuned",
    columns: 1320,
    standardised: true,
    details: {
      epochs: 4,
      bestEpoch: 3,
      loss: 0.123456789,
      trainAccuracy: 0.98765432,
      lastLearningRate: 1e-7,
      startedFrom: "abc",
    },
  },
  calibration: {
    temperature: 1.23456,
    fittedOn: "validation",
    rows: 50,
    eceBefore: 0.0712,
    eceAfter: 0.0211,
    rejection: null,
  },
  weightsSha256: "f".repeat(64),
  weightsSource: "imagenet, fine-tuned",
  trunk: "included",
  dtype: "f16",
  tensorsSha256: "0".repeat(64),
  split: { testSize: 0.1, randomState: 5, stratify: true, train: 270, test: 30 },
  metrics: {
    accuracy: { value: 0.9, low: 0.744, high: 0.965, n: 30 },
    logLoss: 0.31234,
    macroF1: 0.89,
    majority: 0.5,
  },
  training: {
    method: "lpft",
    epochs: [2, 1, 0.5, 0.25].map((loss, i) => ({
      epoch: i + 1,
      loss,
      accuracy: 0.5,
      learningRate: 1e-3,
      validation: { loss: loss + 0.5, accuracy: 0.5 },
    })),
    bestEpoch: 3,
    stoppedEarly: true,
    validation: { rows: 50, part: "validation" },
    seconds: 83.6,
    command: ["train", "my pets/", "--method", "lpft"],
  },
  seed: 5,
  build: { threads: 2, fma: true },
};

Deno.test("a model is told in facts, its figures in words with four digits", () => {
  assert.deepEqual(modelText("pets.safetensors", MANIFEST).split("\n"), [
    "pets.safetensors: model of 2 classes, kept by graft 0.1.0",
    "",
    "classes      cat, dog",
    "pictures     scaled whole to 84 px",
    "trunk        efficientnet_b0, torchvision, included as f16; from imagenet, fine-tuned",
    `             SHA-256 ${"f".repeat(64)}`,
    "head         linear layer, trained with the trunk on 1320 standardised features of stages 3, 8",
    "             epochs                             4",
    "             best epoch                         3",
    "             loss of the last epoch             0.1235",
    "             accuracy on the training pictures  0.9877",
    "             last learning rate                 1e-7",
    "             started from SHA-256               abc",
    "training     lpft, 84 s; 4 epochs, stopped early; the best is number 3",
    "             judged by 50 pictures that were not learnt from",
    "             loss █▄▂▁ from 2.000 to 0.250",
    "             validation loss █▄▂▁ from 2.500 to 0.750",
    "accuracy     0.900 (95 % interval 0.744 to 0.965, 30 pictures)",
    "             always guessing the commonest class: 0.500",
    "             log loss 0.312, mean F1 0.890",
    "split        270 to train on, 30 apart, random state 5, stratified",
    "trust        logits divided by 1.235, by 50 pictures of the validation part: ECE 0.071, then 0.021",
    "made by      graft train 'my pets/' --method lpft",
  ]);
});

Deno.test("what a model does not tell is left out or said to be absent", () => {
  const bare = {
    ...MANIFEST,
    calibration: null,
    metrics: null,
    split: null,
    training: null,
    head: { ...MANIFEST.head, kind: "probe" as const, standardised: false, details: {} },
  };
  assert.deepEqual(modelText("m", bare).split("\n").slice(2).map((line) => line.trim()), [
    "classes      cat, dog",
    "pictures     scaled whole to 84 px",
    "trunk        efficientnet_b0, torchvision, included as f16; from imagenet, fine-tuned",
    `SHA-256 ${"f".repeat(64)}`,
    "head         logistic regression (probe) on 1320 features of stages 3, 8",
    "accuracy     not measured",
    "trust        probabilities are not calibrated",
  ]);
});

Deno.test("a test part that chose the epoch is said to flatter", () => {
  const training = { ...MANIFEST.training!, validation: { rows: 30, part: "test" as const } };
  assert.match(
    modelText("m", { ...MANIFEST, training }),
    /judged by the 30 test pictures: their score is optimistic/,
  );
});

Deno.test("on a terminal names of facts are faint and the accuracy stands out", () => {
  const text = modelText("m", MANIFEST, terminalPage(80, { color: true }));
  assert.ok(text.includes("\n\x1b[2maccuracy     \x1b[22m\x1b[1m0.900\x1b[22m ("));
});

Deno.test("texts of a model's file cannot steer the terminal", () => {
  const text = modelText("m", {
    ...MANIFEST,
    classes: ["\u001b[31mred\u0007", "b\u202ec"],
    weightsSource: "a\u001b]0;x",
    head: { ...MANIFEST.head, details: { "l\u001boss": "y\u001b" } },
  });
  assert.match(text, /classes +\[31mred *, b c\n/);
  assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Bidi_Control}/u);
});
