// LP-FT is saved only where it is better than the probe that it starts from.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import type { FitOptions } from "../../src/classifier/options.ts";
import { UserError } from "../../src/core/errors.ts";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { drawSample } from "../../src/data/sample.ts";
import { randomHorizontalFlip } from "../../src/data/transforms/flip.ts";
import type { Transform } from "../../src/data/transforms/transform.ts";
import type { TrainingState } from "../../src/train/training_state.ts";
import { held } from "../held.ts";
import { memoryStore } from "../train/memory_store.ts";

const { train, test } = drawSample({ rows: 340 }).split({ testSize: 40, stratify: true });
const few = train.subset(Int32Array.from({ length: 100 }, (_, i) => i));
/** Fast settings: the smallest input, the first stages, a trunk without a download, which fine-tuning harms. */
const HARMED = { weights: "random", imageSize: 28, stages: [3] } as const;
/** A trunk that fine-tuning helps. */
const HELPED = { ...HARMED, weights: "starter" } as const;
const TUNED = { method: "lpft", epochs: 6, batchSize: 20, learningRate: 1e-3 } as const;

/** A transform that flips and counts how often it is given each image. */
function spy(): Transform & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const flip = randomHorizontalFlip();
  const apply: Transform["apply"] = (image, random) => {
    const key = image.data.join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return flip.apply(image, random);
  };
  return { name: "spy", counts, apply };
}

Deno.test("where training harms, the probe is saved to the bit, and the file says why", async () => {
  using model = await createClassifier(HARMED);
  await model.fit(few);
  const probe = { head: model.head, calibration: model.calibration };
  const answers = await model.probabilities(test);
  const cases: [FitOptions, RegExp][] = [
    // A rate that breaks the network down counts as wrong on every image.
    [{ learningRate: 1 }, /by more than two standard errors: learning rate 1 /],
    [{}, /: learning rate 0.0003 .*; learning rate 0.001 (lost|gained|has) .* validation images/],
    [
      { learningRate: 0.03, validation: { data: test } },
      /two standard errors: learning rate 0.03 .* 40 validation images/,
    ],
  ];
  for (const [options, reason] of cases) {
    const notes: string[] = [];
    const tensors = held();
    await model.fit(few, {
      ...{ method: "lpft", epochs: 2, batchSize: 20 },
      ...options,
      onNote: (line, about) => notes.push(`${about}: ${line}`),
    });
    assert.equal(held(), tensors);
    assert.deepEqual({ head: model.head, calibration: model.calibration }, probe);
    assert.deepEqual(await model.probabilities(test), answers);
    const { method, tuning } = model.training!;
    assert.deepEqual([method, tuning!.kept], ["probe", "probe"]);
    assert.match(tuning!.reason, /^the probe is saved: fine-tuning is not better/);
    assert.match(tuning!.reason, reason);
    assert.deepEqual(notes, [`chosen: ${tuning!.reason}`]);
  }
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await model.save(path);
    using loaded = await loadClassifier(path);
    assert.deepEqual(loaded.training, model.training);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a trial learns from none of the images that it is scored on", async () => {
  using model = await createClassifier(HARMED);
  const transform = spy();
  await model.fit(few, {
    ...{ method: "lpft", epochs: 3, batchSize: 20, learningRate: 0.03 },
    augment: { transform },
  });
  const { tuning } = model.training!;
  assert.deepEqual([tuning!.kept, tuning!.images], ["probe", 20]);
  assert.equal(transform.counts.size, 80, "four fifths teach");
  assert.deepEqual(new Set(transform.counts.values()), new Set([tuning!.trials[0].epochs]));
});

Deno.test("without images to spare the probe is saved, and without a comparison fine-tuning", async () => {
  using model = await createClassifier(HARMED);
  const two = few.subset(
    Int32Array.from(few.classes, (_, label) => few.labels.indexOf(label)),
  );
  await model.fit(two, { method: "lpft", epochs: 1 });
  assert.match(model.training!.tuning!.reason, /too few images to compare/);
  await model.fit(few, { method: "lpft", epochs: 1, learningRate: 0.03, validation: { size: 0 } });
  assert.deepEqual([model.training!.method, model.training!.tuning], ["lpft", undefined]);
});

Deno.test("where training helps, all images are learnt from, to the same bits again and when resumed", async () => {
  const run = async (options: FitOptions) => {
    using model = await createClassifier(HELPED);
    await model.fit(train, { ...TUNED, ...options });
    const { seconds: _, ...training } = model.training!;
    return {
      training,
      head: model.head!,
      calibration: model.calibration!,
      weights: model.trunk.weightsSha256,
    };
  };
  const whole = await run({});
  const { method, tuning, epochs, validation } = whole.training;
  assert.deepEqual([method, tuning!.kept, tuning!.images], ["lpft", "lpft", 60]);
  assert.match(
    tuning!.reason,
    /^fine-tuning is better than the probe: learning rate 0.001 .* Brier/,
  );
  const [{ difference, standardError }] = tuning!.trials;
  assert.ok(-difference > standardError, `${difference} ${standardError}`);
  assert.deepEqual([epochs.length, validation], [6, null]);
  assert.equal(whole.head.details.steps, 6 * 15, "300 images in batches of 20");
  assert.deepEqual([whole.calibration.fittedOn, whole.calibration.rows], ["out-of-fold", 60]);

  const store = memoryStore();
  const signal = new AbortController();
  const reason = new Error("power cut");
  const onEpoch: FitOptions["onEpoch"] = ({ epoch }) => epoch === 2 && signal.abort(reason);
  const cut = { signal: signal.signal, onEpoch, fineTune: { checkpoint: { store } } };
  await assert.rejects(run(cut), reason);
  const stages = new Set<string>();
  const resumed = await run({
    onProgress: ({ stage }) => stages.add(stage),
    fineTune: { checkpoint: { store, resume: true } },
  });
  assert.deepEqual(resumed, whole);
  assert.ok(stages.has("train") && !stages.has("trial 1 of 1, train"), [...stages].join());

  // Trials that are damaged, or belong to other options or data, are refused in one line.
  const state = (await store.load())!;
  const resume = async (damage: (state: Damaged) => void, options: FitOptions = {}) => {
    const copy = structuredClone(state) as Damaged;
    damage(copy);
    const damaged = { ...memoryStore(), load: () => Promise.resolve(copy) };
    await run({ ...options, fineTune: { checkpoint: { store: damaged, resume: true } } });
  };
  const refused: [(state: Damaged) => void, RegExp, FitOptions?][] = [
    [({ progress }) => progress.settings.trials = "[", /trials are not usable JSON/],
    [({ progress }) => progress.settings.trials = "[]", /expected 1 to 2 trials/],
    [({ progress }) => progress.settings.trials = "[{}]", /trials\[0\].learningRate .* absent/],
    [({ tensors }) => tensors.delete("trial.logits"), /trial.logits is absent or damaged/],
    [({ tensors }) => halve(tensors, "trial.distances"), /validation images 30 \(now 60\)/],
    [() => {}, /learningRate 0.001 \(now 0.0005\)/, { learningRate: 5e-4 }],
  ];
  for (const [damage, message, options] of refused) {
    await assert.rejects(resume(damage, options), (error) => {
      assert.ok(error instanceof UserError, `${error}`);
      assert.match(error.message, /^Cannot resume the training from memory: /);
      assert.match(error.message, message);
      return true;
    });
  }
});

/** The state of a training, to be changed. */
interface Damaged {
  readonly progress: Omit<TrainingState["progress"], "settings"> & {
    readonly settings: Record<string, string>;
  };
  readonly tensors: Map<string, HostTensor>;
}

function halve(tensors: Map<string, HostTensor>, name: string): void {
  const data = (tensors.get(name)!.data as Float32Array).slice(0, 30);
  tensors.set(name, { dtype: "float32", shape: [data.length], data });
}

Deno.test("without resume a run that is there is refused before anything is computed", async () => {
  using model = await createClassifier(HARMED);
  const store = { ...memoryStore(), occupied: () => Promise.resolve(true) };
  for (const method of ["lpft", "finetune"] as const) {
    const stages = new Set<string>();
    await assert.rejects(
      model.fit(few, {
        ...{ method, epochs: 1, batchSize: 20, fineTune: { checkpoint: { store } } },
        onProgress: ({ stage }) => stages.add(stage),
      }),
      (error) =>
        error instanceof UserError && /memory holds a training run already/.test(error.message),
    );
    assert.deepEqual([...stages], []);
  }
});

Deno.test("a stop amid the training on all images leaves the trial's model, and in a trial nothing", async () => {
  using model = await createClassifier(HELPED);
  const stop = new AbortController();
  const reason = new Error("enough");
  await model.fit(train, {
    ...TUNED,
    stop: stop.signal,
    onEpoch: ({ epoch }) => epoch === 2 && stop.abort(reason),
  });
  const { tuning, epochs } = model.training!;
  assert.deepEqual([tuning!.kept, epochs.length], ["lpft", tuning!.trials[0].epochs]);
  assert.match(tuning!.reason, /; stopped before all images were learnt from$/);
  const early = new AbortController();
  await assert.rejects(
    model.fit(train, {
      ...TUNED,
      stop: early.signal,
      onProgress: ({ stage, done }) =>
        stage === "trial 1 of 1, train" && done === 2 && early.abort(reason),
    }),
    reason,
  );
});
