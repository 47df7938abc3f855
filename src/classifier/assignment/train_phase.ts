/** One training of the assignment: its learning rate, its epochs, its scores. @module */

import { UserError } from "../../core/errors.ts";
import { wilson } from "../../core/intervals.ts";
import type { ProgressOptions } from "../../core/progress.ts";
import type { Network } from "../../model/network.ts";
import type { BatchSource } from "../../train/batch_source.ts";
import { evaluateNetwork, type NetworkScore } from "../../train/evaluate_network.ts";
import { fitNetwork } from "../../train/fit.ts";
import type { OptimizerOptions } from "../../train/fit_options.ts";
import { type LearningRates, lrFind } from "../../train/lr_find.ts";
import type { AssignmentPhase, AssignmentScore } from "./assignment_report.ts";

/** What both trainings share. */
export interface AssignmentSources {
  /** The training pictures in views that change from epoch to epoch. */
  readonly views: BatchSource;
  /** The training pictures as they are. */
  readonly train: BatchSource;
  /** The test pictures as they are. */
  readonly test: BatchSource;
}

/** Options of {@linkcode trainPhase}. */
export interface PhaseOptions extends ProgressOptions {
  /** What is being done, for progress and messages. */
  readonly what: string;
  /** Passes over the pictures. */
  readonly epochs: number;
  /** Step size; looked for where it is not given. */
  readonly learningRate?: number;
  /** Mini-batches of the range test. */
  readonly rateSteps: number;
  /** Seed of order and of what is skipped by chance. */
  readonly seed: number;
  /** Names of the classes, for messages. */
  readonly classNames: readonly string[];
}

/** `torch.optim.Adam` with its defaults, as in the lab. */
const OPTIMIZER: OptimizerOptions = { kind: "adam" };

/**
 * Finds a learning rate, trains with it at a constant rate and scores what comes out of it. After each epoch, the cost of the test
 * pictures is measured; nothing is chosen by it.
 *
 * @param network Goes by the running statistics of batch norm throughout, so that scores are those of eval mode. Ends trained.
 * @throws {UserError} When no learning rate makes the cost fall, or the cost is no longer finite.
 */
export async function trainPhase(
  network: Network,
  { views, train, test }: AssignmentSources,
  { what, epochs, learningRate: given, rateSteps, seed, classNames, ...progress }: PhaseOptions,
): Promise<AssignmentPhase> {
  const { onProgress, signal } = progress;
  const since = performance.now();
  const common = { optimizer: OPTIMIZER, randomState: seed, classNames, signal };
  const rates = given === undefined
    ? await lrFind(network, views, {
      ...common,
      steps: rateSteps,
      onProgress: onProgress && ((one) => onProgress({ ...one, stage: `${one.stage}, ${what}` })),
    })
    : null;
  const learningRate = given ?? chosenRate(rates!, what);
  const begun = performance.now();
  const { history } = await fitNetwork(network, views, {
    ...common,
    epochs,
    learningRate,
    validate: (trained) => evaluateNetwork(trained, test, { signal }),
    onProgress: onProgress && ((one) => onProgress({ ...one, stage: what })),
  });
  const phase = {
    parameters: countLearning(network),
    rates,
    learningRate,
    costs: history.map(({ loss }) => loss),
    validationCosts: history.map(({ validation }) => validation!.loss),
    validationAccuracies: history.map(({ validation }) => validation!.accuracy),
    train: scoreOf(await evaluateNetwork(network, train, { signal })),
    test: scoreOf(await evaluateNetwork(network, test, { signal })),
  };
  const seconds = {
    rates: (begun - since) / 1000,
    training: (performance.now() - begun) / 1000,
  };
  return { ...phase, seconds };
}

/** The rate to train with. */
function chosenRate({ suggestion, rates }: LearningRates, what: string): number {
  if (suggestion !== null) return suggestion.tenthOfLeast;
  throw new UserError(
    `Cannot find a learning rate for ${what}: the cost never fell between ${rates[0]} and ${
      rates.at(-1)
    }; use other weights, or pictures that differ by their class`,
  );
}

function scoreOf({ loss, correct, rows }: NetworkScore): AssignmentScore {
  return { cost: loss, accuracy: wilson(correct, rows) };
}

function countLearning({ entries }: Network): number {
  return entries
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}
