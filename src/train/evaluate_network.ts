/** How a network does on pictures that it does not learn from at the moment. @module */
import { UserError } from "../core/errors.ts";
import type { Network } from "../model/network.ts";
import type { BatchSource } from "./batch_source.ts";
import { breathe } from "./breathe.ts";
import type { Validation } from "./fit_reports.ts";
import { crossEntropy } from "./loss.ts";

/** Options of {@linkcode evaluateNetwork}. */
export interface EvaluateNetworkOptions {
  /** Pictures that pass at once. @default as many as the network takes */
  readonly batchSize?: number;
  /** Stops between two batches with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Loss and accuracy, with the counts behind them. */
export interface NetworkScore extends Validation {
  /** Pictures whose highest logit is that of their class. */
  readonly correct: number;
  /** Pictures. */
  readonly rows: number;
}

/**
 * Passes all pictures through the network, nothing dropped and nothing learnt. Where all parts go by the running statistics of
 * batch norm (`batchNorm: "running"`), this is PyTorch's eval mode; a part that goes by the batch moves its statistics.
 *
 * @param source Not augmented, as a rule; it is asked for epoch 1.
 * @returns Mean cross-entropy over the pictures, in nats, and the share that was right.
 * @throws {UserError} When there are no pictures.
 */
export async function evaluateNetwork(
  network: Network,
  source: BatchSource,
  { batchSize = network.batchSize, signal }: EvaluateNetworkOptions = {},
): Promise<NetworkScore> {
  const { classes } = network;
  const rows = source.length;
  if (rows === 0) throw new UserError("Cannot evaluate the network: there are no pictures");
  let loss = 0, correct = 0;
  const indicesFrom = (start: number) =>
    Int32Array.from({ length: Math.min(batchSize, rows - start) }, (_, i) => start + i);
  for (let start = 0; start < rows; start += batchSize) {
    const indices = indicesFrom(start);
    const count = indices.length;
    using batch = await source.batch(indices, 1);
    if (start + count < rows) await source.expect?.(indicesFrom(start + count), 1);
    const logits = network.forward(batch.images, "none");
    const result = crossEntropy(logits, source.labels.subarray(start, start + count), { classes });
    loss += result.loss * count;
    correct += result.correct;
    await breathe(signal);
  }
  return { loss: loss / rows, accuracy: correct / rows, correct, rows };
}
