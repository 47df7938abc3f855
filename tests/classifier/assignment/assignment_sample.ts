/** A report of the assignment with figures like the real ones, for tests of what is said of it. @module */

import type {
  AssignmentPhase,
  AssignmentReport,
} from "../../../src/classifier/assignment/assignment_report.ts";
import { wilson } from "../../../src/core/intervals.ts";
import { IMAGENET_PREPROCESSING } from "../../../src/core/preprocessing.ts";
import type { LearningRates } from "../../../src/train/lr_find.ts";

const RATES = Array.from({ length: 80 }, (_, i) => 10 ** (8 * i / 99 - 7));

const SEARCH: LearningRates = {
  rates: RATES,
  losses: RATES.map((rate, i) => 0.7 - 0.3 * rate / (rate + 1e-3) + 3 * rate + i % 3 / 20),
  before: RATES.map(() => 0.7),
  smoothed: RATES.map((rate) => 0.7 - 0.3 * rate / (rate + 1e-3) + 3 * rate),
  diverged: true,
  steps: 100,
  timedOut: false,
  suggestion: { steepest: 2e-3, tenthOfLeast: 1.5e-3 },
};

/** What differs between the two trainings. */
interface PhaseFigures {
  readonly parameters: number;
  readonly learningRate: number;
  readonly epochs: number;
  readonly hits: readonly [train: number, test: number];
  readonly costs: readonly [train: number, test: number];
  readonly seconds: { readonly rates: number; readonly training: number };
}

function phase({ epochs, hits, costs, ...rest }: PhaseFigures): AssignmentPhase {
  const curve = (from: number, to: number) =>
    Array.from({ length: epochs }, (_, i) => to + (from - to) * Math.exp(-i / 5));
  const [train, test] = costs;
  return {
    ...rest,
    rates: SEARCH,
    costs: curve(0.7, train),
    validationCosts: [...curve(0.6, test).slice(1), test],
    validationAccuracies: curve(0.5, hits[1] / 15),
    train: { cost: train, accuracy: wilson(hits[0], 135) },
    test: { cost: test, accuracy: wilson(hits[1], 15) },
  };
}

/** The report, changed where a test wants it otherwise. */
export function sampleAssignment(changes: Partial<AssignmentReport> = {}): AssignmentReport {
  return {
    variant: "google",
    classes: ["cat", "chihuahua"],
    train: { pictures: 135, classCounts: [45, 90] },
    test: { pictures: 15, classCounts: [5, 10] },
    batchSize: 28,
    batches: 5,
    pictureSizes: { height: [64, 64], width: [64, 64] },
    imageSize: 192,
    preprocessing: IMAGENET_PREPROCESSING,
    views: "compose(gaussianBlur({}), randomHorizontalFlip({}), randomRotation({}))",
    seed: 7,
    extraction: phase({
      parameters: 2562,
      learningRate: 2e-3,
      epochs: 40,
      hits: [129, 14],
      costs: [0.17, 0.21],
      seconds: { rates: 30, training: 60 },
    }),
    fineTuning: phase({
      parameters: 4_010_110,
      learningRate: 1.5e-5,
      epochs: 20,
      hits: [135, 15],
      costs: [0.02, 0.05],
      seconds: { rates: 90, training: 120 },
    }),
    ...changes,
  };
}
