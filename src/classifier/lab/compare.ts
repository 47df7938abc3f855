/** What graft does by default with the lab's pictures, and why that is something else. @module */

import type { ProgressOptions } from "../../core/progress.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import type { Evaluation } from "../../evaluate/metrics.ts";
import type { LoadedWeights } from "../../weights/load.ts";
import type { Variant } from "../../weights/variants.ts";
import { createClassifier } from "../create.ts";
import { LAB_SIZE, prepareLabData } from "./lab_data.ts";
import type { LabReport } from "./lab_report.ts";

/** What the default reaches. */
export interface DefaultResult {
  /** Family of the checkpoint, whose arithmetic is used. */
  readonly variant: Variant;
  /** Scores on the test pictures. */
  readonly evaluation: Evaluation;
  /** Kind of its head. */
  readonly head: string;
  /** Side that pictures are scaled to, in pixels. */
  readonly imageSize: number;
  /** Stages whose features are used. */
  readonly stages: readonly number[];
  /** How long training and scoring took, in seconds. */
  readonly seconds: number;
}

/** Options of {@linkcode runDefault}. */
export interface DefaultOptions extends ProgressOptions {
  /** Threads to compute with. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
}

/** Trains graft's default on the lab's training pictures and scores it on the lab's test pictures. */
export async function runDefault(
  data: ImageDataset,
  weights: LoadedWeights,
  { threads, ...progress }: DefaultOptions = {},
): Promise<DefaultResult> {
  const { train, test } = prepareLabData(data);
  const since = performance.now();
  using model = await createClassifier({ weights, threads, ...progress });
  await model.fit(train, progress);
  const evaluation = await model.evaluate(test, progress);
  const seconds = (performance.now() - since) / 1000;
  const { size, stages } = model.recipe!; // known since fit
  const { variant } = weights;
  return { variant, evaluation, head: model.head!.kind, imageSize: size, stages, seconds };
}

/** One difference. */
export interface Reason {
  /** In a few words. */
  readonly name: string;
  /** In a sentence or two. */
  readonly text: string;
}

/** Why the two ways end at different places, each with the figures of this run. */
export function whyTheyDiffer(lab: LabReport, graft: DefaultResult): readonly Reason[] {
  const { batches, frozen, fineTuned } = lab;
  const classes = lab.classes.length;
  const cells = (side: number) => {
    const left = Math.ceil(side / 32); // five strides of 2
    return `${left} x ${left}`;
  };
  const share = (value: number) => value.toFixed(3);
  const otherFamily: Reason = {
    name: `${lab.variant}'s arithmetic for ${graft.variant}'s weights`,
    text:
      "The families differ in where convolutions pad and in the epsilon of batch norm. The lab computes as " +
      `${lab.variant} does, graft's default as the weights were trained.`,
  };
  return [
    ...lab.variant === graft.variant ? [] : [otherFamily],
    {
      name: "softmax twice",
      text:
        "The cost takes a softmax itself, and the lab feeds it with one already. An answer that is wholly right " +
        `then still costs ${leastCost(classes).toFixed(3)} a batch, ${
          (batches * leastCost(classes)).toFixed(2)
        } over ${batches}, and a sure but wrong answer has hardly any gradient to learn from. ` +
        "graft feeds the cost with scores.",
    },
    {
      name: "no normalisation",
      text:
        "Pixels go in as 0 to 255; the checkpoint was trained on numbers from about -2 to 2.6. graft prepares " +
        "pictures as the checkpoint was trained.",
    },
    {
      name: "train mode throughout",
      text:
        "The network is never put into eval mode: batch norm goes by the other pictures of the batch and blocks are " +
        "skipped by chance, in learning and in scoring alike. In eval mode the " +
        `same networks reach ${share(frozen.evalMode.test.value)} and ${
          share(fineTuned.evalMode.test.value)
        } of the test pictures. graft's features are those of eval mode.`,
    },
    {
      name: `${LAB_SIZE} pixels`,
      text:
        `The network halves a picture five times: of ${LAB_SIZE} pixels ${
          cells(LAB_SIZE)
        } cell is left. ` +
        `graft scales to ${graft.imageSize}, which leaves ${
          cells(graft.imageSize)
        }, and takes stages ${graft.stages.join(", ")} instead of the last one alone.`,
    },
    {
      name: "when to stop",
      text:
        `Steps of ${frozen.learningRate} and of ${fineTuned.learningRate} for ${lab.epochs} ${
          lab.epochs === 1 ? "epoch" : "epochs"
        } each stop where the count ends. graft's ${graft.head} ` +
        "converges, and cross-validation on the training pictures chooses how strongly it is held back.",
    },
  ];
}

/** Least cross-entropy of a softmax over probabilities, in nats: for the true class's probability 1 and all others' 0. */
export function leastCost(classes: number): number {
  return Math.log(1 + (classes - 1) / Math.E);
}
