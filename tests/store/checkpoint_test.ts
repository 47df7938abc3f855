import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { checkpointFolder, decodeState, encodeState } from "../../src/store/checkpoint.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import type { CheckpointStore, TrainingState } from "../../src/train/training_state.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { fakeNetwork } from "../train/fake_network.ts";
import { fakePictures } from "../train/fake_pictures.ts";
import { memoryStore } from "../train/memory_store.ts";
import { encodeModel } from "../../src/store/bundle.ts";
import { model } from "./models.ts";

const options: FitNetworkOptions = {
  epochs: 3,
  learningRate: 0.05,
  batchSize: 4,
  averageDecay: 0.9,
  keep: "best",
  validate: (_, epoch) => ({ loss: 1 / 3 / epoch, accuracy: 0.1 * epoch }),
};
const newNetwork = () => fakeNetwork({ classes: 3 });
const newPictures = () => fakePictures({ length: 10, classes: 3 });

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** The state of a run after 5 of its 9 steps. */
async function someState(): Promise<TrainingState> {
  const store = memoryStore();
  const controller = new AbortController();
  const run = fitNetwork(newNetwork(), newPictures(), {
    ...options,
    checkpoint: { store },
    signal: controller.signal,
    onStep: ({ step }) => step === 5 && controller.abort(new Error("stop")),
  });
  await assert.rejects(run, /stop/);
  return store.saved.at(-1)!;
}

const isRefusal = (message: RegExp) => (error: unknown) =>
  error instanceof UserError && message.test(error.message) && !error.message.includes("\n");

Deno.test("a state comes out of its bytes as it went in", async () => {
  const state = await someState();
  const bytes = await encodeState(state);
  const { progress, tensors } = await decodeState(bytes, "x");
  assert.deepEqual(progress, state.progress);
  assert.deepEqual([...tensors.keys()].sort(), [...state.tensors.keys()].sort());
  for (const [name, tensor] of state.tensors) assert.deepEqual(tensors.get(name), tensor, name);
  assert.deepEqual(await encodeState({ progress, tensors }), bytes);
});

Deno.test("any reader of safetensors finds the weights under torchvision's names", async () => {
  const state = await someState();
  const { tensors, metadata } = readSafetensors(await encodeState(state));
  assert.equal(metadata.format, "pt");
  assert.deepEqual(tensors.get("classifier.1.weight")!.shape, [3, 4]);
  const parts = new Set([...tensors.keys()].map((name) => name.split(".")[0]));
  assert.deepEqual(
    [...parts].sort(),
    ["average", "best", "classifier", "features", "first", "random", "second"],
  );
});

Deno.test("a run is resumed from its folder to the same bits", async () => {
  await inFolder(async (parent) => {
    const folder = `${parent}/made/on the way`;
    const store = checkpointFolder(folder);
    assert.equal(await store.load(), undefined);
    assert.equal(await store.occupied(), false);
    const network = newNetwork();
    const fit = await fitNetwork(network, newPictures(), options);
    for (let step = 2; step < fit.steps; step += 2) {
      const controller = new AbortController();
      const run = fitNetwork(newNetwork(), newPictures(), {
        ...options,
        checkpoint: { store: checkpointFolder(folder), resume: true },
        signal: controller.signal,
        onStep: (report) => report.step === step && controller.abort(new Error("stop")),
      });
      await assert.rejects(run, /stop/);
      assert.deepEqual(names(folder), ["training.safetensors"]);
    }
    const resumed = newNetwork();
    await fitNetwork(resumed, newPictures(), { ...options, checkpoint: { store, resume: true } });
    for (const { name } of network.entries) {
      assert.deepEqual(resumed.read(name), network.read(name), name);
    }
    assert.equal(await store.occupied(), true);
  });
});

Deno.test("two trainings of one program do not share a folder, whether they begin at once or one amid the other", async () => {
  await inFolder(async (folder) => {
    const shared = checkpointFolder(`${folder}/run`);
    const train = (store: CheckpointStore, onStep?: FitNetworkOptions["onStep"]) =>
      fitNetwork(newNetwork(), newPictures(), {
        ...options,
        checkpoint: { store, resume: true },
        onStep,
      });
    const refusal = isRefusal(
      /^Cannot train with the checkpoint .*run: another training of this program is training with it; /,
    );
    for (const other of [shared, checkpointFolder(`${folder}/./run`)]) {
      const [first, second] = await Promise.allSettled([train(shared), train(other)]);
      const [done, refused] = first.status === "fulfilled" ? [first, second] : [second, first];
      assert.equal(done.status, "fulfilled");
      assert.ok(refused.status === "rejected" && refusal(refused.reason));
      await Deno.remove(`${folder}/run`, { recursive: true });

      const later: Promise<void>[] = [];
      await train(shared, ({ step }) => {
        if (step === 2) later.push(assert.rejects(train(other), refusal));
      });
      assert.equal(later.length, 1);
      await later[0];
      assert.deepEqual(names(`${folder}/run`), ["training.safetensors"]);
      await train(other); // when the first is over: it has nothing more to do
      await Deno.remove(`${folder}/run`, { recursive: true });
    }
  });
});

Deno.test("a file of which a part is missing or wrong is refused", async () => {
  const bytes = await encodeState(await someState());
  for (let length = 0; length < bytes.length; length += 97) {
    await assert.rejects(decodeState(bytes.subarray(0, length), "x"), isRefusal(/^Cannot .* x: /));
  }
  const changed = bytes.slice();
  changed[bytes.length - 5] ^= 1;
  await assert.rejects(
    decodeState(changed, "x"),
    isRefusal(/^Cannot resume the training from x: its tensors are not those that were saved/),
  );
});

Deno.test("what a kill left behind is removed at the first save, and nothing else", async () => {
  await inFolder(async (folder) => {
    const left = `training.safetensors.${crypto.randomUUID()}.tmp`;
    for (const name of [left, "notes.tmp", "training.safetensors.old"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    const store = checkpointFolder(folder);
    assert.equal(await store.load(), undefined);
    assert.ok(names(folder).includes(left), "loading changes nothing");
    await store.save(await someState());
    assert.deepEqual(names(folder), [
      "notes.tmp",
      "training.safetensors",
      "training.safetensors.old",
    ]);
  });
});

Deno.test("files that are no checkpoints of this version are refused", async () => {
  await assert.rejects(
    decodeState(await encodeModel(model), "m"),
    isRefusal(/^Cannot resume the training from m: it is no checkpoint of a training run/),
  );
  const withText = (graftTraining: string) =>
    decodeState(writeSafetensors({ tensors: new Map(), metadata: { graftTraining } }), "m");
  await assert.rejects(withText("{"), isRefusal(/metadata are not usable JSON/));
  await assert.rejects(
    withText("[]"),
    isRefusal(/graftTraining in its metadata is \[\], expected/),
  );
  await assert.rejects(
    withText('{"format":1,"graft":"9.9.9"}'),
    isRefusal(
      /made by graft 9\.9\.9 \(format 1\), this is .* other bits; resume with that version/,
    ),
  );
  await assert.rejects(withText('{"format":2,"graft":"0.1.0"}'), isRefusal(/format 2/));
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/training.safetensors`);
    const store = checkpointFolder(folder);
    await assert.rejects(store.occupied(), isRefusal(/it is no file; name another folder/));
  });
});

Deno.test("every field of the metadata is checked", async () => {
  const state = await someState();
  const bytes = await encodeState(state);
  const { metadata: { graftTraining } } = readSafetensors(bytes);
  const wrong: [string, unknown, RegExp?][] = [
    ["tensorsSha256", "abc"],
    ["progress", null],
    ["progress.settings", []],
    ["progress.settings.epochs", 3],
    ["progress.step", -1],
    ["progress.epoch", 0],
    ["progress.epoch", 3, /the length of history in its metadata is 1, expected 2 epochs/],
    ["progress.batch", 1.5],
    ["progress.generatorPosition", 625],
    ["progress.finished", 1],
    ["progress.coolDown", { after: 0, steps: 1, lastEpoch: 2 }],
    ["progress.coolDown", undefined],
    ["progress.best", 2],
    ["progress.best.epoch", "one"],
    ["progress.best.score", null],
    ["progress.sums.loss", null],
    ["progress.sums.correct", -1],
    ["progress.sums.rows", "4"],
    ["progress.sums.norm", -1],
    ["progress.sums.seconds", -1],
    ["progress.sums.learningRate", null],
    ["progress.history", {}],
    ["progress.history.0", 1],
    ["progress.history.0.epoch", 2],
    ["progress.history.0.loss", "low"],
    ["progress.history.0.accuracy", 1.5],
    ["progress.history.0.learningRate", -1],
    ["progress.history.0.gradientNorm", null],
    ["progress.history.0.seconds", null],
    ["progress.history.0.validation", "good"],
    ["progress.history.0.validation.loss", null],
    ["progress.history.0.validation.accuracy", null],
  ];
  for (
    const [path, value, message = /in its metadata is .*, expected .*; start the training anew$/]
      of wrong
  ) {
    const fields = JSON.parse(graftTraining);
    const keys = path.split(".");
    const last = keys.pop()!;
    const owner = keys.reduce((part, key) => part[key], fields);
    assert.ok(last in owner, path);
    owner[last] = value;
    const changed = writeSafetensors({
      tensors: state.tensors,
      metadata: { graftTraining: JSON.stringify(fields) },
    });
    await assert.rejects(decodeState(changed, "x"), isRefusal(message), path);
  }
});

Deno.test({
  name: "a folder that Deno may not write to is refused with the flag to give",
  permissions: { read: true, write: false },
  async fn() {
    const store = checkpointFolder("/tmp/graft-not-allowed");
    await assert.rejects(
      store.save(await someState()),
      isRefusal(/^Cannot keep the training in .*graft-not-allowed: .* run with --allow-write for/),
    );
  },
});

Deno.test({
  name: "a folder that Deno may not read is refused with the flag to give",
  permissions: { read: false, write: false },
  async fn() {
    const store = checkpointFolder("/tmp/graft-not-allowed");
    await assert.rejects(store.load(), isRefusal(/^Cannot look at .*run with --allow-read/));
  },
});
