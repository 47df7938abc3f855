/** Small models for the tests of this folder. */
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import type { Head } from "../../src/model/heads.ts";
import type { ModelDescription, ModelToSave } from "../../src/store/bundle.ts";

/** Features of stage 1: the narrowest. */
const COLUMNS = 16;

/** A probe for cats, dogs and emus on stage 1. */
export const head: Head = {
  kind: "probe",
  weight: Float32Array.from({ length: COLUMNS * 3 }, (_, i) => i / 7 - 2),
  bias: Float32Array.of(0.5, -0.25, 0),
  mean: Float32Array.from({ length: COLUMNS }, (_, i) => i),
  scale: Float32Array.from({ length: COLUMNS }, (_, i) => 1 + i / 2),
  classes: 3,
  columns: COLUMNS,
  details: { strength: 0.01, chosenBy: "log-loss in cross-validation" },
};

/** What is said of it. */
export const description: ModelDescription = {
  graft: "0.1.0",
  classes: ["cat", "dog", "émeu"],
  backbone: "efficientnet_b0",
  variant: "google",
  preprocessing: IMAGENET_PREPROCESSING,
  imageSize: 84,
  fit: "whole",
  stages: [1],
  calibration: null,
  weightsSha256: "ab".repeat(32),
  weightsSource: "weights.safetensors",
  split: { testSize: 0.1, randomState: 5, stratify: false, train: 90, test: 10 },
  metrics: {
    accuracy: { value: 0.9, low: 0.6, high: 0.98, n: 10 },
    logLoss: 0.3,
    macroF1: 0.88,
    majority: 0.4,
  },
  training: {
    method: "probe",
    epochs: [],
    stoppedEarly: false,
    validation: null,
    seconds: 1.5,
  },
  seed: 5,
  build: { threads: 2, fma: true },
};

/** Some tensors as a checkpoint has them. */
export const trunk: ReadonlyMap<string, HostTensor> = new Map<string, HostTensor>([
  ["features.0.0.weight", {
    dtype: "float32",
    shape: [2, 3, 1, 1],
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
  }],
  ["features.0.1.num_batches_tracked", {
    dtype: "int64",
    shape: [],
    data: BigInt64Array.of(7n),
  }],
]);

/** All of it. */
export const model: ModelToSave = { description, head, trunk };
