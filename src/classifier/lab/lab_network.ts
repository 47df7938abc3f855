/** The lab's network in each of its states, and what is carried from one to the next. @module */

import { RandomState } from "../../core/random.ts";
import type { Network, NetworkOptions, PartPolicy } from "../../model/network.ts";
import { linearStart } from "../../train/linear_start.ts";
import type { LoadedWeights } from "../../weights/load.ts";
import { LAB_BATCH, LAB_SIZE } from "./lab_data.ts";

/** How a network is made; `createNetwork`, or a small one for tests. */
export type MakeNetwork = (weights: LoadedWeights, options: NetworkOptions) => Network;

/** Values of a network by name: what `state_dict()` is to PyTorch. */
export type NetworkValues = ReadonlyMap<string, Float32Array>;

/** What takes part in which way, by part of the network. */
type Policy = (part: string) => PartPolicy;

/**
 * `requires_grad = False` for all of `features`. This stops the gradients and nothing else: the network was never put into eval
 * mode, so that batch norm goes by the batch and stochastic depth skips blocks.
 */
export const FROZEN: Policy = (part) => ({
  trainable: part === CLASSIFIER,
  batchNorm: "batch",
});

/** `requires_grad = True` for everything. */
export const UNFROZEN: Policy = () => ({ trainable: true, batchNorm: "batch" });

/** `net.eval()`, which the lab leaves out. */
export const EVAL: Policy = (part) => ({ trainable: part === CLASSIFIER, batchNorm: "running" });

const CLASSIFIER = "classifier";

/** What the lab's network is in train mode. */
export function labNetworkOptions(classes: number, policy: Policy): NetworkOptions {
  // The lab puts a plain Linear(1280, 10) in the place of torchvision's dropout and linear layer.
  return { classes, imageSize: LAB_SIZE, batchSize: LAB_BATCH, policy, dropout: 0 };
}

/** What the lab's network is in eval mode. */
export function evalNetworkOptions(classes: number): NetworkOptions {
  return { ...labNetworkOptions(classes, EVAL), stochasticDepth: 0 };
}

/**
 * The new layer `Linear(columns, classes)` as PyTorch draws it right after `torch.manual_seed(seed)`.
 *
 * The lab's script seeds after it has made the layer, so that its layer differs from run to run and the seed fixes only which
 * blocks are skipped. Here one seed fixes both.
 */
export function labHead({ classes, featureSize }: Network, seed: number): NetworkValues {
  const { weight, bias } = linearStart(new RandomState(seed), { columns: featureSize, classes });
  return new Map([[`${CLASSIFIER}.1.weight`, weight], [`${CLASSIFIER}.1.bias`, bias]]);
}

/** Copies everything out of a network, running statistics included. */
export function readValues(network: Network): NetworkValues {
  return new Map(network.entries.map(({ name }) => [name, network.read(name)]));
}

/** Puts values into a network; what is not among them stays as it is. */
export function writeValues(network: Network, values: NetworkValues): void {
  for (const [name, value] of values) network.write(name, value);
}
