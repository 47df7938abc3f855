/** A report of the lab with figures like the real ones, for tests of what is said of it. @module */

import type { DefaultResult } from "../../../src/classifier/lab/compare.ts";
import type { LabPhase, LabReport } from "../../../src/classifier/lab/lab_report.ts";
import { wilson } from "../../../src/core/intervals.ts";
import { evaluatePredictions } from "../../../src/evaluate/metrics.ts";

/** A report of so many epochs. */
export function sampleLabReport(epochs: number): LabReport {
  const classes = Array.from({ length: 10 }, (_, k) => String(k));
  const curve = (from: number, to: number) =>
    Array.from({ length: epochs }, (_, i) => to + (from - to) * Math.exp(-i / 20));
  const accuracy = (train: number, test: number) => ({
    train: wilson(train, 900),
    test: wilson(test, 100),
  });
  const frozen: LabPhase = {
    learningRate: 0.1,
    costs: curve(17.5, 15.44),
    validationCosts: curve(18, 17.8),
    trainMode: accuracy(680, 51),
    evalMode: accuracy(686, 48),
    seconds: 61.25,
  };
  const fineTuned: LabPhase = {
    learningRate: 1e-5,
    costs: curve(15.4, 14.9),
    validationCosts: null,
    trainMode: accuracy(732, 52),
    evalMode: accuracy(736, 49),
    seconds: 130,
  };
  return {
    variant: "torchvision",
    classes,
    pictures: { train: 900, test: 100 },
    batchSize: 100,
    batches: 9,
    validationScale: 9,
    epochs,
    seed: 7,
    frozen,
    fineTuned,
  };
}

/** What graft's default might reach. */
export const SAMPLE_DEFAULT: DefaultResult = {
  variant: "torchvision",
  evaluation: evaluatePredictions(Float32Array.of(0.9, 0.1, 0.2, 0.8), [0, 0], ["0", "1"]),
  head: "probe",
  imageSize: 84,
  stages: [3, 4, 5, 6, 8],
  seconds: 4.5,
};
