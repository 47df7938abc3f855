/** What a training run tells of itself. @module */

/** One step, as it was made. */
export interface StepReport {
  /** Number of the step, from 1, over the whole run. */
  readonly step: number;
  /** Epoch it belongs to, from 1. */
  readonly epoch: number;
  /** Mean loss of the batch before the step, in nats. */
  readonly loss: number;
  /** Share of the batch that was right before the step. */
  readonly accuracy: number;
  /** Learning rate of the step, before factors by layer. */
  readonly learningRate: number;
  /** Euclidean norm of the gradient, before clipping. */
  readonly gradientNorm: number;
}

/** How the network did on pictures that it does not learn from. */
export interface Validation {
  /** Mean loss. */
  readonly loss: number;
  /** Share that was right. */
  readonly accuracy: number;
}

/** One epoch; loss and accuracy are those of its batches as they were trained on, augmented and with dropout. */
export interface NetworkEpoch {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Mean loss over the pictures, in nats. */
  readonly loss: number;
  /** Share of pictures that were right. */
  readonly accuracy: number;
  /** Learning rate of its last step. */
  readonly learningRate: number;
  /** Mean norm of the gradient over its steps, before clipping. */
  readonly gradientNorm: number;
  /** Time of its steps with the making of the batches, without validation, in seconds. */
  readonly seconds: number;
  /** What `validate` said. */
  readonly validation?: Validation;
}
