import assert from "node:assert/strict";
import type { Network } from "../../src/model/network.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";

/** Two steps an epoch; the losses of validation are given. */
async function run(losses: number[], options: Partial<FitNetworkOptions>) {
  using network = fakeNetwork({ classes: 3, dropout: 0 });
  const read = (of: Network) => of.read(of.entries[0].name)[0];
  const rates: number[] = [], ends: number[] = [], starts: number[] = [];
  const fit = await fitNetwork(network, fakePictures({ length: 8, classes: 3 }), {
    epochs: 20,
    learningRate: 0.01,
    batchSize: 4,
    schedule: { kind: "cosine" },
    validate: (trained, epoch) => {
      ends.push(read(trained));
      return { loss: losses[epoch - 1], accuracy: 0 };
    },
    onEpoch: () => starts.push(read(network)),
    onStep: ({ learningRate }) => rates.push(learningRate),
    ...options,
  });
  return { fit, rates, ends, starts, kept: read(network) };
}

Deno.test("when patience is at its end, the rate falls to nothing from the best weights", async () => {
  const losses = [3, 1, 2, 2, 1.5, 0.5, 0.7];
  const { fit, rates, ends, starts, kept } = await run(losses, {
    earlyStopping: { patience: 2, coolDown: 3 },
  });
  assert.deepEqual([fit.history.length, fit.bestEpoch], [7, 6]);
  // torch.optim.lr_scheduler: CosineAnnealingLR(T_max=40) for 8 steps, then T_max=6 from the rate of the last of them.
  const cosine = (step: number, steps: number) => (1 + Math.cos(Math.PI * step / steps)) / 2;
  const expected = [
    ...Array.from({ length: 8 }, (_, i) => 0.01 * cosine(i, 40)),
    ...Array.from({ length: 6 }, (_, i) => 0.01 * cosine(7, 40) * cosine(i, 6)),
  ];
  assert.equal(rates.length, expected.length);
  rates.forEach((rate, i) => assert.ok(Math.abs(rate - expected[i]) < 1e-12, `step ${i + 1}`));
  assert.equal(starts[3], ends[1], "it does not begin with the weights of the best epoch");
  assert.equal(kept, ends[5]);
});

Deno.test("a cool-down that comes to nothing leaves the best as it was, and none is longer than the run", async () => {
  const worse = await run([3, 1, 2, 4, 5], { earlyStopping: { patience: 1, coolDown: 2 } });
  assert.deepEqual([worse.fit.history.length, worse.fit.bestEpoch], [5, 2]);
  assert.equal(worse.kept, worse.ends[1]);
  const short = await run([3, 1, 2, 4], {
    epochs: 4,
    earlyStopping: { patience: 1, coolDown: 9 },
  });
  assert.equal(short.fit.history.length, 4);
  assert.ok(short.rates[7] < short.rates[6] / 1.5, "it does not fall by the end");
  const none = await run([3, 1, 2], { earlyStopping: { patience: 1 } });
  assert.equal(none.fit.history.length, 3);
});
