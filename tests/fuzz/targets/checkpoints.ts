/** Training runs that were saved and are resumed: fields that are changed as JSON, tensors with a hash that is made true again. @module */
import { decodeState, encodeState } from "../../../src/store/checkpoint.ts";
import { hashTensors } from "../../../src/store/hash_tensors.ts";
import { fitNetwork } from "../../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../../src/train/fit_options.ts";
import type { CheckpointStore, TrainingState } from "../../../src/train/training_state.ts";
import { readSafetensors, writeSafetensors } from "../../../src/weights/safetensors.ts";
import { fakeNetwork } from "../../train/fake_network.ts";
import { fakePictures } from "../../train/fake_pictures.ts";
import { memoryStore } from "../../train/memory_store.ts";
import { mutate, mutateJson } from "../mutate.ts";
import { check, checkEqual, orRefused, type Target } from "../target.ts";

const OPTIONS: FitNetworkOptions = {
  epochs: 3,
  learningRate: 0.05,
  batchSize: 4,
  averageDecay: 0.9,
  keep: "best",
  validate: (_, epoch) => ({ loss: 1 / 3 / epoch, accuracy: 0.1 * epoch }),
};
/** Steps of the whole run: one that goes on for more does what its file says, not what the options say. */
const MOST_STEPS = 9;

/** Checkpoints of a small run. */
export async function checkpointTarget(): Promise<Target> {
  const files = await Promise.all((await someStates()).map(encodeState));
  const seeds = files.map((file) => {
    const { tensors, metadata } = readSafetensors(file);
    return { tensors, training: JSON.parse(metadata.graftTraining) };
  });
  return {
    async make(dice) {
      const { tensors, training } = dice.pick(seeds);
      const changed = new Map(tensors);
      if (dice.chance(0.3)) {
        const name = dice.pick([...changed.keys()]);
        const tensor = changed.get(name)!;
        changed.delete(name);
        if (dice.chance(0.5)) {
          const data = tensor.data.slice();
          if (data.length > 0) data[dice.below(data.length)] = dice.pick([NaN, Infinity, 1e30, -1]);
          changed.set(name, { ...tensor, data });
        } else if (dice.below(2) === 0) changed.set(`${name}x`, tensor);
      }
      const text = dice.chance(0.85) ? mutateJson(training, dice) : training;
      if (typeof text === "object" && text !== null && dice.chance(0.97)) {
        Object.assign(text, { tensorsSha256: await hashTensors(changed) });
      }
      const metadata = { format: "pt", graftTraining: JSON.stringify(text) ?? "" };
      const file = writeSafetensors({ tensors: changed, metadata });
      return dice.chance(0.1) ? mutate(file, dice) : file;
    },
    async run(bytes, dice) {
      const state = await orRefused(() => decodeState(bytes, "training.safetensors"));
      if (state === undefined) return "refused";
      if (dice.chance(0.5)) {
        checkEqual(
          await encodeState(state),
          await encodeState(await decodeState(bytes, "x")),
          "reading twice differs",
        );
      }
      const network = fakeNetwork({ classes: 3 });
      let steps = 0;
      const fit = await orRefused(() =>
        fitNetwork(network, fakePictures({ length: 10, classes: 3 }), {
          ...OPTIONS,
          checkpoint: { store: holding(state), resume: true },
          onStep: () => {
            check(++steps <= MOST_STEPS, "a run goes on beyond its end", steps);
          },
        })
      );
      if (fit === undefined) return "refused";
      check(fit.history.length <= 3, "more epochs than were asked for", fit.history.length);
      return "accepted";
    },
  };
}

/** A store that has this state and forgets what it is given. */
function holding(state: TrainingState): CheckpointStore {
  return {
    name: "the run",
    occupied: () => Promise.resolve(true),
    load: () => Promise.resolve(state),
    save: () => Promise.resolve(),
  };
}

/** States of a run: amid an epoch, after one, at its end. */
async function someStates(): Promise<TrainingState[]> {
  const store = memoryStore();
  await fitNetwork(fakeNetwork({ classes: 3 }), fakePictures({ length: 10, classes: 3 }), {
    ...OPTIONS,
    checkpoint: { store, every: 2 },
  });
  return store.saved;
}
