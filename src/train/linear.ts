/** The lab's head: one linear layer, trained in batches by gradient steps. @module */
import { expectWork } from "../backend/start.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";
import { createMatrix, createTransposed, multiply } from "../backend/matrix.ts";
import { type FeatureMatrix, takeRows } from "../model/feature_matrix.ts";
import type { Head } from "../model/heads.ts";
import { transposed } from "../core/transposed.ts";
import { breathe } from "./breathe.ts";
import { checkClassWeights, weightsText } from "./class_weights.ts";
import { checkTrainingData } from "./labels.ts";
import { linearStart } from "./linear_start.ts";
import { adam, type Optimizer, sgd } from "./optimizer.ts";

/** What one epoch came to, measured on the batches as they were trained on. */
export interface EpochReport {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Mean cross-entropy over the rows, in nats; weighted where classes have weights. */
  readonly loss: number;
  /** Share of rows whose highest logit was the true class. */
  readonly accuracy: number;
}

/** A head with the course of its training. */
export interface LinearHead extends Head {
  /** One report per epoch. */
  readonly history: readonly EpochReport[];
}

/** Options of {@linkcode fitLinear}. */
export interface LinearOptions extends ProgressOptions {
  /** Number of classes; each needs at least one row. */
  readonly classes: number;
  /** Names of the classes, for messages. */
  readonly classNames?: readonly string[];
  /** Weight of each class, above 0, as `weight` of `torch.nn.CrossEntropyLoss`. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
  /** Passes over the rows. @default {100} */
  readonly epochs?: number;
  /** Step size. @default {0.001} with Adam, {0.01} with SGD: PyTorch's */
  readonly learningRate?: number;
  /** Rows per step; the last batch of an epoch may be smaller. @default {100} */
  readonly batchSize?: number;
  /** Which optimizer; `"sgd"` has momentum 0.9. @default {"adam"} */
  readonly optimizer?: "adam" | "sgd";
  /** L2 penalty on weights and bias. @default {0} */
  readonly weightDecay?: number;
  /** Whether rows are put in a new order each epoch. @default {true} */
  readonly shuffle?: boolean;
  /** Seed of the first weights (as `torch.manual_seed`) and of the order. @default {5} */
  readonly randomState?: number;
  /** Called after each epoch. */
  readonly onEpoch?: (report: EpochReport) => void;
}

/** What the options are unless told otherwise. */
export const LINEAR_DEFAULTS = { epochs: 100, learningRate: 1e-3, batchSize: 100 } as const;

/** SGD's momentum where none is asked for: the usual one (Sutskever et al. 2013). */
const MOMENTUM = 0.9;

/**
 * Trains `Linear(columns, classes)` on plain features with cross-entropy on logits, as a PyTorch loop over a
 * `DataLoader` does: weights drawn as `torch.nn.Linear` draws them after `torch.manual_seed(randomState)`, steps by
 * {@linkcode adam} or {@linkcode sgd}.
 *
 * The same input and seed give the same bits. Leaves no tensor behind.
 *
 * @param labels Class index of each row.
 * @throws {UserError} When the loss is no longer finite, there is a single class, a class without rows, an unlabelled row or a feature that
 * is not finite; for class weights that are not above 0.
 */
export async function fitLinear(
  features: FeatureMatrix,
  labels: Int32Array,
  options: LinearOptions,
): Promise<LinearHead> {
  const settings = withDefaults(options);
  const { classes, epochs, learningRate, batchSize, randomState, shuffle } = settings;
  const { classWeights, onEpoch, onProgress, signal } = options;
  signal?.throwIfAborted();
  await expectWork();
  checkClassWeights(classWeights, classes);
  checkTrainingData(features, labels, options);
  const { rows, columns } = features;
  const random = new RandomState(randomState);
  const { weight, bias } = linearStart(random, { columns, classes });
  const optimizer = createOptimizer(settings);
  const history: EpochReport[] = [];
  let order: Int32Array = Int32Array.from(labels.keys());
  let step = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (shuffle) order = random.permutation(rows);
    let loss = 0, mass = 0, right = 0;
    for (let start = 0; start < rows; start += batchSize) {
      const chosen = order.subarray(start, start + batchSize);
      const batchLabels = chosen.map((row) => labels[row]);
      const batch = { features: takeRows(features, chosen), labels: batchLabels, classWeights };
      const result = differentiate(batch, weight, bias);
      step++;
      if (!Number.isFinite(result.loss)) {
        throw new UserError(
          `Cannot train the head: the loss is ${result.loss} at step ${step} (epoch ${epoch}) with learning rate ${learningRate}, expected a finite number; use a smaller learning rate`,
        );
      }
      optimizer.step([weight, bias], [result.weight, result.bias]);
      loss += result.loss;
      mass += result.mass;
      right += result.right;
    }
    const report = { epoch, loss: loss / mass, accuracy: right / rows };
    history.push(report);
    onEpoch?.(report);
    onProgress?.({
      stage: "epoch",
      done: epoch,
      total: epochs,
      unit: "epochs",
      detail: { loss: report.loss, accuracy: report.accuracy },
    });
    await breathe(signal);
  }
  return {
    kind: "linear",
    weight: transposed(weight, classes, columns),
    bias,
    classes,
    columns,
    details: {
      optimizer: settings.optimizer,
      learningRate,
      epochs,
      batchSize,
      weightDecay: settings.weightDecay,
      shuffle: shuffle ? "yes" : "no",
      ...classWeights && { classWeights: weightsText(classWeights) },
      randomState,
      loss: history[history.length - 1].loss,
      accuracy: history[history.length - 1].accuracy,
    },
    history,
  };
}

type Settings = Required<
  Omit<LinearOptions, "onEpoch" | "onProgress" | "signal" | "classNames" | "classWeights">
>;

function withDefaults(options: LinearOptions): Settings {
  const { optimizer = "adam" } = options;
  const settings: Settings = {
    classes: options.classes,
    epochs: options.epochs ?? LINEAR_DEFAULTS.epochs,
    learningRate: options.learningRate ??
      (optimizer === "adam" ? LINEAR_DEFAULTS.learningRate : 1e-2),
    batchSize: options.batchSize ?? LINEAR_DEFAULTS.batchSize,
    optimizer,
    weightDecay: options.weightDecay ?? 0,
    shuffle: options.shuffle ?? true,
    randomState: options.randomState ?? DEFAULT_RANDOM_STATE,
  };
  for (const name of ["epochs", "batchSize"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) {
      throw new UserError(
        `Cannot train the head: ${name} is ${settings[name]}, expected a whole number from 1`,
      );
    }
  }
  if (!(settings.learningRate > 0 && Number.isFinite(settings.learningRate))) {
    throw new UserError(
      `Cannot train the head: the learning rate is ${settings.learningRate}, expected a number above 0`,
    );
  }
  return settings;
}

function createOptimizer({ optimizer, learningRate, weightDecay }: Settings): Optimizer {
  return optimizer === "adam"
    ? adam({ learningRate, weightDecay })
    : sgd({ learningRate, weightDecay, momentum: MOMENTUM });
}

/** What a step is computed from. */
interface LinearBatch {
  readonly features: FeatureMatrix;
  readonly labels: Int32Array;
  readonly classWeights: ArrayLike<number> | undefined;
}

/** What a batch came to. */
interface BatchResult {
  /** Sum of the rows' losses, and of their weights. */
  readonly loss: number;
  readonly mass: number;
  readonly right: number;
  /** Gradients of the mean loss. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

function differentiate(
  { features: { data, rows, columns }, labels, classWeights }: LinearBatch,
  weight: Float32Array,
  bias: Float32Array,
): BatchResult {
  const classes = bias.length;
  const weightOf = (label: number) => classWeights?.[label] ?? 1;
  const mass = labels.reduce((sum, label) => sum + weightOf(label), 0);
  using input = createMatrix(data, rows, columns);
  using turned = createTransposed(weight, classes, columns);
  const scores = multiply(input, turned);
  const residuals = new Float32Array(classes * rows); // [classes, rows]
  const biasGradient = new Float64Array(classes);
  const exps = new Float64Array(classes);
  let loss = 0, right = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * classes;
    let best = 0;
    for (let k = 0; k < classes; k++) {
      scores[at + k] += bias[k];
      if (scores[at + k] > scores[at + best]) best = k;
    }
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      sum += exps[k] = Math.exp(scores[at + k] - scores[at + best]);
    }
    const own = weightOf(labels[row]);
    loss += own * (Math.log(sum) + scores[at + best] - scores[at + labels[row]]);
    if (best === labels[row]) right++;
    for (let k = 0; k < classes; k++) {
      const residual = own * (exps[k] / sum - (k === labels[row] ? 1 : 0)) / mass;
      residuals[k * rows + row] = residual;
      biasGradient[k] += residual;
    }
  }
  using left = createMatrix(residuals, classes, rows);
  const weightGradient = multiply(left, input);
  return { loss, mass, right, weight: weightGradient, bias: Float32Array.from(biasGradient) };
}
