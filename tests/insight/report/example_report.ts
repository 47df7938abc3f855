/** A made-up report that has every section, for tests. @module */

import { wilson } from "../../../src/core/intervals.ts";
import { drawSample, SAMPLE_CLASSES } from "../../../src/data/sample.ts";
import { evaluatePredictions } from "../../../src/evaluate/metrics.ts";
import { reliability } from "../../../src/evaluate/reliability.ts";
import type { Interpretation, LossRow } from "../../../src/insight/interpretation.ts";
import { gatherPictures } from "../../../src/insight/report/gather_pictures.ts";
import type { ReportData, ReportedModel } from "../../../src/insight/report/report_data.ts";

/** The pictures that were "scored", and those that were "trained on". */
export const SCORED = drawSample({ rows: 60, randomState: 1 });
export const TRAINED = drawSample({ rows: 120, randomState: 2 });
const CLASSES = SAMPLE_CLASSES;
const K = CLASSES.length;

/** Row 7 is taken for the next class with much certainty, every fifth other with little. */
function probabilities(): Float32Array {
  return Float32Array.from({ length: SCORED.length * K }, (_, i) => {
    const row = Math.floor(i / K), k = i % K, label = SCORED.labels[row];
    const answer = row % 5 === 2 ? (label + 1) % K : label;
    const share = row === 7 ? 0.98 : 0.5 + (row % 9) / 20;
    return k === answer ? share : (1 - share) / (K - 1);
  });
}

function lossRows(all: Float32Array): LossRow[] {
  return Array.from(SCORED.labels, (label, row) => {
    const own = all.subarray(row * K, (row + 1) * K);
    const predicted = own.indexOf(Math.max(...own));
    return {
      ...{ row, name: SCORED.name(row), label, predicted },
      labelProbability: own[label],
      predictedProbability: own[predicted],
      loss: -Math.log(own[label]),
    };
  });
}

/** What was "seen". */
export function exampleInterpretation(): Interpretation {
  const all = probabilities();
  const rows = lossRows(all);
  const evaluation = evaluatePredictions(all, SCORED.labels, CLASSES);
  const topLosses = rows.toSorted((a, b) => b.loss - a.loss).slice(0, 9);
  const random = rows.filter(({ row }) => row % 15 === 0);
  const mostConfused = evaluation.confusion.flatMap((counts, truth) =>
    counts.flatMap((count, predicted) =>
      count === 0 || truth === predicted
        ? []
        : [{ truth, predicted, count, share: count / evaluation.perClass[truth].support }]
    )
  ).sort((a, b) => b.count - a.count);
  const wave = (i: number, by: number) => Math.sin(i * 12.9898 + by) * 1.5;
  const points = SCORED.length + TRAINED.length;
  const labels = Int32Array.from([...SCORED.labels, ...TRAINED.labels]);
  return {
    ...{ classes: CLASSES, evaluation, topLosses, random, mostConfused },
    reliability: reliability(all, SCORED.labels, K),
    heatmaps: [...topLosses, ...random].map(({ row, predicted }) => ({
      ...{ row, target: predicted, stage: 8, height: 3, width: 3 },
      values: Float32Array.of(0, 0.2, 0.1, 0.3, 1, 0.6, 0.1, 0.5, 0.2),
    })),
    neighbours: topLosses.map(({ row }) => ({
      row,
      nearest: [0, 1, 2, 3].map((i) => ({ row: (row * 7 + i) % 120, distance: 0.05 + i / 20 })),
    })),
    map: {
      x: Float32Array.from({ length: points }, (_, i) => 5 * Math.cos(labels[i]) + wave(i, 0)),
      y: Float32Array.from({ length: points }, (_, i) => 4 * Math.sin(labels[i]) + wave(i, 1)),
      labels,
      part: Array.from({ length: points }, (_, i) => i < SCORED.length ? "test" : "train"),
      rows: Int32Array.from({ length: points }, (_, i) => i < SCORED.length ? i : i - 60),
      method: "principal components",
      explained: 0.41,
    },
    learningCurve: [12, 24, 48, 120].map((rows, i) => ({ rows, accuracy: wilson(30 + 6 * i, 60) })),
    moreData: {
      ...{ rows: 120, accuracy: 0.8, moreRows: 240 },
      expected: { value: 0.84, low: 0.78, high: 0.9 },
      gain: { value: 0.04, low: -0.02, high: 0.1 },
      text: "With twice as many pictures, some 84 % are to be expected.",
    },
    suspects: [3, 40].map((row) => ({
      ...{ row, given: TRAINED.labels[row], suggested: (TRAINED.labels[row] + 3) % K },
      ...{ givenProbability: 0.02, suggestedProbability: 0.9 },
    })),
    notes: [],
  };
}

/** What the model "says of itself": fine-tuned, stopped early. */
export const EXAMPLE_MODEL: ReportedModel = {
  graft: "0.1.0",
  classes: CLASSES,
  backbone: "efficientnet_b0",
  variant: "torchvision",
  preprocessing: {
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    resizeSize: 256,
    cropSize: 224,
    interpolation: "bicubic",
  },
  imageSize: 84,
  fit: "whole",
  stages: [8],
  head: { kind: "finetuned", columns: 1280, standardised: true, details: { dropout: 0.2 } },
  calibration: {
    ...{ temperature: 1.31, fittedOn: "validation", rows: 20, eceBefore: 0.09, eceAfter: 0.03 },
    rejection: null,
  },
  weightsSha256: "ab".repeat(32),
  weightsSource: "efficientnet_b0.pth",
  tensorsSha256: "cd".repeat(32),
  split: {
    ...{ testSize: 60, randomState: 5, stratify: false, train: 120, test: 60 },
    dataSha256: "ef".repeat(32),
  },
  metrics: null,
  training: {
    method: "finetune",
    epochs: Array.from({ length: 14 }, (_, i) => ({
      ...{ epoch: i + 1, loss: 2.3 * Math.exp(-i / 4), accuracy: 1 - 0.9 * Math.exp(-i / 3) },
      learningRate: 0.001,
      validation: {
        loss: 2.3 * Math.exp(-i / 3) + 0.4 + 0.01 * i,
        accuracy: 0.85 - 0.7 * Math.exp(-i / 3),
      },
    })),
    bestEpoch: 9,
    stoppedEarly: true,
    validation: { rows: 20, part: "validation" },
    seconds: 83.4,
    command: ["train", "my clothes.csv", "--method", "finetune", "--out", "clothes.safetensors"],
  },
  seed: 5,
  build: { threads: 2, fma: true },
};

/** The whole report. */
export async function exampleReport(): Promise<ReportData> {
  const interpretation = exampleInterpretation();
  return {
    name: "clothes.safetensors",
    model: EXAMPLE_MODEL,
    data: {
      name: "clothes.csv",
      pictures: 180,
      scored: 60,
      trained: 120,
      standing: "test",
      sha256: "ef".repeat(32),
    },
    interpretation,
    pictures: await gatherPictures(SCORED, interpretation, { train: TRAINED }),
  };
}
