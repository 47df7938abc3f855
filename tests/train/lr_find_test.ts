import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { Progress } from "../../src/core/progress.ts";
import type { EntryArray, Network } from "../../src/model/network.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import { lrFind, type LrFindOptions } from "../../src/train/lr_find.ts";
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";

const CLASSES = 3;
const newPictures = (length = 20) => fakePictures({ length, classes: CLASSES });
const newNetwork = () => fakeNetwork({ classes: CLASSES });
const base: LrFindOptions = { batchSize: 4 };

/** Every array of every entry. */
function stateOf(network: Network): Record<string, Float32Array> {
  const arrays: EntryArray[] = ["value", "first", "second"];
  return Object.fromEntries(
    network.entries.flatMap(({ name }) =>
      arrays.map((array) => [`${array} ${name}`, network.read(name, array)])
    ),
  );
}

Deno.test("the rate rises exponentially, and what is smoothed is the change of each batch", async () => {
  const { rates, losses, before, smoothed, diverged } = await lrFind(newNetwork(), newPictures(), {
    ...base,
    lowest: 1e-5,
    highest: 1e-3,
    steps: 21,
  });
  assert.deepEqual([rates.length, losses.length, before.length, diverged], [21, 21, 21, false]);
  rates.forEach((rate, i) => assert.ok(Math.abs(rate / 10 ** (i / 10 - 5) - 1) < 1e-12));
  // A weighted mean of all changes so far, weights falling by 0.98 a step: the bias correction makes them sum to 1.
  const level = before.reduce((sum, loss) => sum + loss) / before.length;
  smoothed.forEach((value, i) => {
    let sum = 0, weights = 0;
    for (let j = 0; j <= i; j++) {
      sum += 0.98 ** (i - j) * (losses[j] - before[j]);
      weights += 0.98 ** (i - j);
    }
    assert.ok(Math.abs(value - level - sum / weights) < 1e-12, `${value} ${sum / weights}`);
  });
});

Deno.test("losses before are those of the same batches, views and masks, with nothing learnt", async () => {
  const network = newNetwork(); // its dropout goes by chance, its statistics move
  const pictures = newPictures(10);
  const { losses, before } = await lrFind(network, pictures, { ...base, lowest: 1e-9, steps: 10 });
  assert.equal(losses[0], before[0]);
  const { asked } = pictures;
  assert.deepEqual(asked.slice(10), asked.slice(0, 10));
  const still = await lrFind(network, newPictures(10), {
    ...base,
    lowest: 1e-14,
    highest: 1e-13,
    steps: 10,
  });
  assert.deepEqual(still.before, before);
  still.losses.forEach((loss, i) => assert.ok(Math.abs(loss - before[i]) < 1e-6, `step ${i + 1}`));
});

Deno.test("a network that is trained already gets no suggestion from the chance of its batches", async () => {
  const network = newNetwork();
  const options = { ...base, optimizer: { kind: "adam" } } as const;
  await fitNetwork(network, newPictures(40), { ...options, epochs: 60, learningRate: 0.02 });
  const { losses, smoothed, suggestion } = await lrFind(network, newPictures(40), options);
  const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  // Rates up to 1e-5 change nothing: what moves there is chance.
  const quiet = smoothed.slice(0, 25);
  assert.ok(spread(quiet) < spread(losses.slice(0, 25)) / 100, `${spread(quiet)}`);
  assert.ok(suggestion === null || suggestion.tenthOfLeast > 1e-5, `${suggestion?.tenthOfLeast}`);
});

Deno.test("losses are those of training with these rates", async () => {
  // A range so narrow that it is a run at a constant rate.
  const options = { batchSize: 4, randomState: 9, maxNorm: 0.5, labelSmoothing: 0.1 };
  const { losses } = await lrFind(newNetwork(), newPictures(), {
    ...options,
    lowest: 0.01,
    highest: 0.01 * (1 + 1e-12),
    steps: 12,
  });
  const expected: number[] = [];
  await fitNetwork(newNetwork(), newPictures(), {
    ...options,
    epochs: 3,
    learningRate: 0.01,
    onStep: ({ loss }) => expected.push(loss),
  });
  losses.forEach((loss, i) => assert.ok(Math.abs(loss - expected[i]) < 1e-6, `step ${i + 1}`));
});

Deno.test("the network has its numbers again, moments and statistics included", async () => {
  for (const kind of ["adamw", "sgd"] as const) {
    const network = newNetwork();
    await fitNetwork(network, newPictures(), { ...base, epochs: 2, learningRate: 0.01 });
    const before = stateOf(network);
    const { losses } = await lrFind(network, newPictures(), { ...base, optimizer: { kind } });
    assert.notEqual(losses[0], losses[60]);
    assert.deepEqual(stateOf(network), before);
  }
});

Deno.test("the same seed gives the same bits, whatever was trained before", async () => {
  const fresh = await lrFind(newNetwork(), newPictures(), base);
  const network = newNetwork();
  assert.deepEqual(await lrFind(network, newPictures(), base), fresh);
  assert.deepEqual(await lrFind(network, newPictures(), base), fresh);
  const other = await lrFind(network, newPictures(), { ...base, randomState: 6 });
  assert.notDeepEqual(other.losses, fresh.losses);
});

Deno.test("a loss that runs away ends the test, and what is suggested lies before", async () => {
  const pictures = newPictures(64);
  const { rates, losses, diverged, suggestion } = await lrFind(newNetwork(), pictures, {
    batchSize: 8,
    optimizer: { kind: "sgd", momentum: 0 },
    highest: 1e6,
  });
  assert.ok(diverged && rates.length < 100, `${rates.length}`);
  // fastai's measure: a running mean, here of the losses themselves, above four times its least.
  const means = losses.map((_, i) => {
    let sum = 0, weights = 0;
    for (let j = 0; j <= i; j++) {
      sum += 0.98 ** (i - j) * losses[j];
      weights += 0.98 ** (i - j);
    }
    return sum / weights;
  });
  const over = means.map((mean, i) => mean > 4 * Math.min(...means.slice(0, i + 1)));
  assert.deepEqual(over, [...over.slice(1).fill(false), true]);
  assert.ok(
    suggestion !== null && suggestion.steepest < rates.at(-1)! / 10,
    `${suggestion?.steepest}`,
  );
  assert.ok(suggestion.tenthOfLeast < rates.at(-1)! / 10);
  assert.equal(pictures.open(), 0);
});

Deno.test("a loss or a gradient that is no number ends the test as one that runs away", async () => {
  const network = newNetwork();
  const before = stateOf(network);
  let passes = 0;
  const forward: Network["forward"] = (images, chance) => {
    const logits = network.forward(images, chance);
    return ++passes === 130 ? logits.fill(NaN) : logits;
  };
  const broken = await lrFind({ ...network, forward }, newPictures(), base);
  assert.deepEqual([broken.diverged, broken.losses.length], [true, 29]);
  assert.deepEqual(stateOf(network), before);
  let steps = 0;
  const gradientNorm = () => ++steps === 30 ? { norm: NaN, notFinite: "x" } : { norm: 1 };
  const lost = await lrFind({ ...network, gradientNorm }, newPictures(), base);
  assert.deepEqual([lost.diverged, lost.losses.length], [true, 30]);
  assert.deepEqual(stateOf(network), before);
});

Deno.test("a network whose loss is no number before anything is learnt is refused", async () => {
  const network = newNetwork();
  const forward: Network["forward"] = (images, chance) =>
    network.forward(images, chance).fill(Infinity);
  await assert.rejects(
    lrFind({ ...network, forward }, newPictures(), base),
    (error: Error) =>
      error instanceof UserError && /the loss is NaN before anything is learnt/.test(error.message),
  );
});

Deno.test("batches are full ones in the order of training, and each is given back", async () => {
  const pictures = newPictures(10);
  await lrFind(newNetwork(), pictures, { ...base, steps: 10 });
  const { asked } = pictures;
  assert.deepEqual(asked.slice(10).map(({ epoch }) => epoch), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  const trained = newPictures(10);
  const options = { epochs: 5, learningRate: 0.01, dropLast: true };
  await fitNetwork(newNetwork(), trained, { batchSize: 4, ...options });
  assert.deepEqual(asked.slice(10), trained.asked);
  assert.equal(pictures.open(), 0);
});

Deno.test("fewer pictures than a batch are one batch", async () => {
  const pictures = newPictures(5);
  await lrFind(newNetwork(), pictures, { batchSize: 8, steps: 10 });
  assert.ok(pictures.asked.every(({ indices }) => indices.length === 5));
  const epochs = pictures.asked.slice(10).map(({ epoch }) => epoch);
  assert.deepEqual(epochs, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("progress counts the steps up to all of them", async () => {
  const seen: Progress[] = [];
  await lrFind(newNetwork(), newPictures(), {
    ...base,
    optimizer: { kind: "sgd", momentum: 0 },
    highest: 1e6,
    onProgress: (progress) => seen.push(progress),
  });
  assert.ok(seen.every(({ done }, i) => i === 0 || done > seen[i - 1].done));
  // A step counts as four passes forward, so that the time left is about right from the beginning.
  assert.deepEqual([seen.at(-1)!.done, seen.at(-1)!.total], [500, 500]);
});

Deno.test("a short time makes fewer steps over the same rates, and none is begun after it", async () => {
  const slow = (ms: number) => {
    const pictures = newPictures();
    const batch = pictures.batch.bind(pictures);
    let made = 0;
    pictures.batch = async (indices, epoch) => {
      made++;
      await new Promise((resolve) => setTimeout(resolve, ms));
      return await batch(indices, epoch);
    };
    return { pictures, made: () => made };
  };
  const options = { ...base, lowest: 1e-9, highest: 1e-8 };
  const few = slow(10);
  // A pass takes 10 ms or more: 100 steps of five passes' time do not fit, 20 are made all the same.
  const found = await lrFind(newNetwork(), few.pictures, { ...options, budgetSeconds: 1 });
  assert.equal(found.steps, 20);
  assert.ok(found.rates[0] === 1e-9 && few.made() <= 40);
  const late = slow(30);
  const cut = await lrFind(newNetwork(), late.pictures, { ...options, budgetSeconds: 0.3 });
  assert.deepEqual([cut.steps, cut.timedOut], [20, true]);
  assert.ok(cut.rates.length < 20 && late.made() < 40);
  const given = await lrFind(newNetwork(), slow(1).pictures, { ...options, steps: 30 });
  assert.deepEqual([given.steps, given.rates.length, given.timedOut], [30, 30, false]);
  await assert.rejects(
    lrFind(newNetwork(), newPictures(), { budgetSeconds: 0 }),
    /budgetSeconds is 0, expected a number of seconds above 0/,
  );
});

Deno.test("the test stops when it is told to, with the network as it was", async () => {
  const network = newNetwork();
  const before = stateOf(network);
  const controller = new AbortController();
  const reason = new Error("enough");
  let steps = 0;
  const onProgress = () => {
    if (++steps === 150) controller.abort(reason);
  };
  const { signal } = controller;
  await assert.rejects(lrFind(network, newPictures(), { ...base, onProgress, signal }), reason);
  assert.equal(steps, 150);
  assert.deepEqual(stateOf(network), before);
});

Deno.test("options and labels that make no sense are refused in one line", async () => {
  const cases: [LrFindOptions, RegExp][] = [
    [{ lowest: 0 }, /the rates are 0 and 10, expected two numbers above 0, the lowest first/],
    [{ lowest: 1, highest: 1 }, /the rates are 1 and 1/],
    [{ highest: Infinity }, /the rates are 1e-7 and Infinity/],
    [{ steps: 9 }, /steps is 9, expected a whole number from 10/],
    [{ steps: 10.5 }, /steps is 10\.5/],
    [{ batchSize: 99 }, /batchSize is 99/],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(
      lrFind(newNetwork(), newPictures(), { ...base, ...options }),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  }
  const alone = fakePictures({ length: 4, classes: 1 });
  await assert.rejects(
    lrFind(newNetwork(), alone, base),
    (error: Error) => /^Cannot find a learning rate: all 4 rows are of class/.test(error.message),
  );
});
