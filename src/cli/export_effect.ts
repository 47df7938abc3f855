/** What rounding does to a model's answers. @module */

import { count } from "../core/count.ts";
import { loadClassifier } from "../classifier/load.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { drawSample } from "../data/sample.ts";
import { evaluatePredictions, type Evaluation } from "../evaluate/metrics.ts";
import { topK } from "../model/heads.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { accuracyLine } from "./reports.ts";

/** A model as what opens it. */
export interface ModelFile {
  /** The bytes of its file. */
  readonly bytes: Uint8Array;
  /** The checkpoint, where the file has no trunk. */
  readonly weights?: LoadedWeights;
}

/** Options of {@linkcode measureEffect}. */
export interface EffectOptions extends ProgressOptions {
  /** Labelled pictures; without them, drawn ones, which say how far probabilities move, and nothing of accuracy. */
  readonly data?: ImageDataset;
  /** Threads to compute with. */
  readonly threads?: number;
}

/** How the answers of two models differ. */
export interface ExportEffect {
  /** Pictures that both were asked about. */
  readonly pictures: number;
  /** Where the pictures are from. */
  readonly from: "data" | "drawn";
  /** Largest difference of a probability. */
  readonly largest: number;
  /** Pictures of which both say the same class. */
  readonly sameAnswers: number;
  /** Accuracy before; `null` of drawn pictures. */
  readonly before: Evaluation["accuracy"] | null;
  /** Accuracy after; `null` of drawn pictures, and where nothing was rounded. */
  readonly after: Evaluation["accuracy"] | null;
}

/** Drawn pictures that are asked about where there are no data: enough to see what moves. */
const DRAWN = 64;

/**
 * Asks two models, one after the other, about the same pictures.
 *
 * @param after Undefined where it is the same model.
 */
export async function measureEffect(
  before: ModelFile,
  after: ModelFile | undefined,
  { data, threads, ...progress }: EffectOptions,
): Promise<ExportEffect> {
  const pictures = data ?? drawSample({ rows: DRAWN });
  const ask = async ({ bytes, weights }: ModelFile) => {
    using model = await loadClassifier(bytes, { weights, threads, ...progress });
    const { classes } = model;
    const labels = data?.withClasses(classes).labels;
    const probabilities = await model.probabilities(pictures, progress);
    return {
      probabilities,
      classes: classes.length,
      accuracy: labels ? evaluatePredictions(probabilities, labels, classes).accuracy : null,
    };
  };
  const one = await ask(before);
  const two = after === undefined ? { ...one, accuracy: null } : await ask(after);
  return {
    pictures: pictures.length,
    from: data === undefined ? "drawn" : "data",
    largest: one.probabilities.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - two.probabilities[i])),
      0,
    ),
    sameAnswers: countSame(one.probabilities, two.probabilities, one.classes),
    before: one.accuracy,
    after: two.accuracy,
  };
}

/** The effect in words. */
export function effectLines(effect: ExportEffect): string[] {
  const { pictures, from, largest, sameAnswers, before, after } = effect;
  if (before && !after) return [`accuracy  ${accuracyLine(before)}`];
  const kind = from === "drawn" ? "drawn picture" : "picture";
  return [
    ...before && after
      ? [`before    accuracy ${accuracyLine(before)}`, `after     accuracy ${accuracyLine(after)}`]
      : [],
    `moved     probabilities by at most ${
      largest.toFixed(4)
    }; the same answer for ${sameAnswers} of ${count(pictures, kind)}`,
  ];
}

function countSame(one: Float32Array, two: Float32Array, classes: number): number {
  const best = (all: Float32Array, start: number) =>
    topK(all.subarray(start, start + classes), 1)[0].index;
  let same = 0;
  for (let start = 0; start < one.length; start += classes) {
    if (best(one, start) === best(two, start)) same++;
  }
  return same;
}
