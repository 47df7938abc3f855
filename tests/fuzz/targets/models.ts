/** Saved models: manifests that are changed as JSON, and tensors whose hash is then made true again. @module */
import { startBackend } from "../../../src/backend/mod.ts";
import { loadClassifier } from "../../../src/classifier/load.ts";
import type { HostTensor } from "../../../src/core/host_tensor.ts";
import { createClassifier } from "../../../src/classifier/create.ts";
import { drawSample } from "../../../src/data/sample.ts";
import { probabilitiesOf } from "../../../src/classifier/probabilities_of.ts";
import { randomWeights } from "../../../src/model/random_weights.ts";
import { loadModel, type SavedModel } from "../../../src/store/bundle.ts";
import { hashTensors } from "../../../src/store/hash_tensors.ts";
import { quantise } from "../../../src/weights/quantise.ts";
import { readSafetensors, writeSafetensors } from "../../../src/weights/safetensors.ts";
import { tfjs } from "../../deps.ts";
import { head, model, trunk } from "../../store/models.ts";
import { encodeModel } from "../../../src/store/bundle.ts";
import type { Dice } from "../dice.ts";
import { mutate, mutateJson } from "../mutate.ts";
import { check, checkEqual, orRefused, type Outcome, type Target } from "../target.ts";

/** A file's parts, to be changed one by one. */
interface Parts {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly manifest: Record<string, unknown>;
}

const ODD = [NaN, Infinity, -Infinity, 0, -0, 1e-45, 1e-38, 1e30, -1e30, 3.4e38, 65504];

/** How many models that were accepted are also run whole: making a network takes a while. */
const WHOLE_SHARE = 0.002;

/** Saved models. */
export async function modelTarget(): Promise<Target> {
  await startBackend({ threads: 1 });
  const weights = await randomWeights(5);
  const seeds = await Promise.all((await seedFiles()).map(partsOf));
  const sample = drawSample({ rows: 20 });
  return {
    async make(dice) {
      const { tensors, manifest } = dice.pick(seeds);
      const changed = dice.chance(0.3) ? changedTensors(tensors, dice) : tensors;
      const stored = dice.chance(0.1)
        ? quantiseOr(changed, dice)
        : { tensors: changed, float16: new Set<string>() };
      const text = dice.chance(0.85) ? mutateJson(manifest, dice) : manifest;
      if (typeof text === "object" && text !== null && dice.chance(0.97)) {
        (text as Record<string, unknown>).tensorsSha256 = await hashTensors(stored.tensors);
      }
      const graft = JSON.stringify(text) ?? "";
      const file = writeSafetensors({ ...stored, metadata: { format: "pt", graft } });
      return dice.chance(0.05) ? mutate(file, dice) : file;
    },
    async run(bytes, dice) {
      const model = await orRefused(() => loadModel(bytes));
      if (model === undefined) return "refused";
      if (!await checkModel(model, dice)) return "refused";
      if (dice.chance(WHOLE_SHARE) && model.trunk === undefined) {
        const given = {
          ...weights,
          sha256: model.manifest.weightsSha256,
          variant: model.manifest.variant,
        };
        using classifier = await orRefused(() =>
          loadClassifier(bytes, { weights: given, threads: 1 })
        );
        if (classifier === undefined) return "refused";
        const answers = await orRefused(async () =>
          await classifier.predict(await sample.images([0, 1]))
        );
        for (const { top } of answers ?? []) {
          checkRow(top.map(({ probability }) => probability), false);
        }
      }
      return "accepted";
    },
    held: () => tfjs.memory().numTensors,
  };
}

/** Models of every kind, none larger than some kilobytes. */
async function seedFiles(): Promise<Uint8Array[]> {
  const calibration = {
    temperature: 1.3,
    fittedOn: "out-of-fold",
    rows: 90,
    eceBefore: 0.1,
    eceAfter: 0.05,
    rejection: {
      score: "energy",
      energy: { median: -2, edge: 1 },
      quantiles: [0, 0.5, 1, 2, 3],
    },
  } as const;
  const linear = { ...head, kind: "linear" as const, mean: undefined, scale: undefined };
  const files = [
    await encodeModel(model),
    await encodeModel({ ...model, trunk: undefined }),
    await encodeModel({ description: { ...model.description, calibration }, head, trunk }),
    await encodeModel({ description: { ...model.description, calibration }, head: linear }),
  ];
  using trained = await createClassifier({
    weights: "random",
    imageSize: 28,
    stages: [3],
    threads: 1,
  });
  await trained.fit(drawSample({ rows: 60 }), { method: "linear", epochs: 1 });
  const whole = await partsOf(await trained.toBytes());
  // As it would be without its trunk, which is large and always the same.
  const tensors = new Map([...whole.tensors].filter(([name]) => name.startsWith("head.")));
  const manifest = {
    ...whole.manifest,
    trunk: "absent",
    tensorsSha256: await hashTensors(tensors),
  };
  files.push(
    writeSafetensors({ tensors, metadata: { format: "pt", graft: JSON.stringify(manifest) } }),
  );
  return files;
}

function partsOf(file: Uint8Array): Parts {
  const { tensors, metadata } = readSafetensors(file);
  return { tensors, manifest: JSON.parse(metadata.graft) };
}

function changedTensors(tensors: ReadonlyMap<string, HostTensor>, dice: Dice) {
  const changed = new Map(tensors);
  const name = dice.pick([...changed.keys()]);
  const { dtype, shape, data } = changed.get(name)!;
  const change = dice.below(5);
  if (change === 0) changed.delete(name);
  else if (change === 1) {
    changed.delete(name);
    changed.set(dice.pick([`${name}_scale`, "head.x", "__proto__", "features."]), {
      dtype,
      shape,
      data,
    });
  } else if (change === 2 && shape.length > 0) {
    changed.set(name, { dtype, shape: [1, ...shape], data });
  } else {
    const copy = data.slice();
    for (let count = dice.size(4); count > 0; count--) {
      if (!(copy instanceof Float32Array)) break;
      copy[dice.below(copy.length)] = dice.pick(ODD);
    }
    changed.set(name, { dtype, shape, data: copy });
  }
  return changed;
}

function quantiseOr(tensors: ReadonlyMap<string, HostTensor>, dice: Dice) {
  try {
    return quantise(tensors, dice.pick(["f16", "int8"]));
  } catch {
    return { tensors, float16: new Set<string>() }; // what is not finite cannot be rounded
  }
}

/** What is loaded must answer, and with probabilities, for any features that a network gives. */
async function checkModel({ manifest, head, trunk }: SavedModel, dice: Dice): Promise<boolean> {
  const { classes, preprocessing, calibration } = manifest;
  check(head.classes === classes.length, "classes and head differ", head.classes);
  for (const value of [...preprocessing.mean, ...preprocessing.std]) {
    check(Number.isFinite(value), "no number in the preprocessing", value);
  }
  // A pixel of 0 and of 1, as the network would see it: in range of float32, and of its squares.
  preprocessing.std.forEach((std, i) => {
    const most = Math.max(Math.abs(preprocessing.mean[i]), Math.abs(1 - preprocessing.mean[i])) /
      std;
    check(most < 1e15, "pixels beyond all measure", `mean ${preprocessing.mean[i]}, std ${std}`);
  });
  for (const [name, { shape, data }] of trunk ?? []) {
    check(
      data.length === shape.reduce((a, b) => a * b, 1),
      "elements do not have the tensor's size",
      name,
    );
  }
  const rows = 2;
  const data = Float32Array.from({ length: rows * head.columns }, () => dice.share() * 20 - 3);
  const features = { data, rows, columns: head.columns };
  // Finite weights may yet be no network's: then it is said so, and nothing is answered.
  const probabilities = await orRefused(() => probabilitiesOf({ head, calibration }, features));
  if (probabilities === undefined) return false;
  for (let row = 0; row < rows; row++) {
    checkRow(probabilities.subarray(row * head.classes, (row + 1) * head.classes), true);
  }
  checkEqual(
    probabilitiesOf({ head, calibration }, features),
    probabilities,
    "predicting twice differs",
  );
  return true;
}

/** @param whole Whether these are all probabilities, which then sum to 1. */
function checkRow(probabilities: ArrayLike<number>, whole: boolean): Outcome {
  const values = Array.from(probabilities);
  check(values.every((value) => value >= 0 && value <= 1), "no probabilities", values);
  const sum = values.reduce((a, b) => a + b, 0);
  check(!whole || Math.abs(sum - 1) < 1e-4, "probabilities do not sum to 1", sum);
  return "accepted";
}
