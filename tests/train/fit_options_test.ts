import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import { fakeNetwork } from "./fake_network.ts";
import { type FakePictures, fakePictures } from "./fake_pictures.ts";

const base: FitNetworkOptions = { epochs: 3, learningRate: 0.05, batchSize: 4 };
const newPictures = (length = 18) => fakePictures({ length, classes: 3 });
const validate = () => ({ loss: 1, accuracy: 0 });

Deno.test("options that make no sense are refused", async () => {
  const refused: [Partial<FitNetworkOptions>, RegExp][] = [
    [{ epochs: 0 }, /epochs is 0, expected a whole number from 1/],
    [{ learningRate: NaN }, /learningRate is NaN/],
    [{ batchSize: 9 }, /batchSize is 9, expected a whole number from 1 to 8/],
    [{ randomState: -1 }, /randomState is -1/],
    [{ weightDecay: -1 }, /weightDecay is -1/],
    [{ layerDecay: 0 }, /layerDecay is 0/],
    [{ maxNorm: 0 }, /maxNorm is 0/],
    [{ maxLoss: -1 }, /maxLoss is -1/],
    [{ averageDecay: 1 }, /averageDecay is 1, expected 0 or more and less than 1/],
    [{ startDecay: Infinity }, /startDecay is Infinity/],
    [{ labelSmoothing: 2 }, /labelSmoothing is 2/],
    [{ mix: {} }, /mixup is 0 and cutmix 0, expected numbers from 0, one of them above/],
    [{ mix: { mixup: -1, cutmix: 2 } }, /mixup is -1/],
    [{ mix: { mixup: Infinity } }, /mixup is Infinity/],
    [{ mix: { cutmix: 1, p: 0 } }, /p is 0, expected a probability above 0/],
    [{ classWeights: [1] }, /number of classWeights is 1, expected 3/],
    [{ classWeights: [1, 0, 1] }, /weight of class 1 is 0/],
    [
      { optimizer: { kind: "rmsprop" as "sgd" } },
      /optimizer is "rmsprop", expected "adam", "adamw"/,
    ],
    [{ optimizer: { kind: "sgd", momentum: 1 } }, /momentum is 1/],
    [{ optimizer: { kind: "adam", beta2: 1 } }, /beta2 is 1/],
    [{ optimizer: { kind: "adam", epsilon: 0 } }, /epsilon is 0/],
    [{ schedule: { kind: "cosine", end: -1 } }, /end is -1/],
    [{ monitor: "f1" as "loss" }, /monitor is "f1"/],
    [{ keep: "best" }, /nothing says which epoch is best; give `validate`/],
    [{ earlyStopping: { patience: 2 } }, /nothing says which epoch is best/],
    [
      { earlyStopping: { patience: 0 }, validate: validate },
      /patience is 0, expected a whole number from 1/,
    ],
  ];
  for (const [options, message] of refused) {
    await refuses(newPictures(), options, message);
  }
});

Deno.test("pictures that cannot be learnt from are refused", async () => {
  await refuses(newPictures(0), {}, /there are no rows to learn from/);
  await refuses(newPictures(2), {}, /class "2" has no rows to learn from/);
  await refuses(newPictures(3), { dropLast: true }, /3 pictures make no full batch of 4/);
  const unknown = newPictures();
  unknown.labels[5] = -1;
  await refuses(unknown, {}, /row 5 has no label/);
});

async function refuses(
  pictures: FakePictures,
  options: Partial<FitNetworkOptions>,
  message: RegExp,
): Promise<void> {
  await assert.rejects(
    fitNetwork(fakeNetwork({ classes: 3 }), pictures, { ...base, ...options }),
    (error) =>
      error instanceof UserError && message.test(error.message) && !error.message.includes("\n"),
  );
}
