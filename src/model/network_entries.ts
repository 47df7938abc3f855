/** The parts and entries of a network that learns. @module */

import type { NetworkEntry, PartPolicy } from "./network.ts";
import { HEAD, STEM, trunkParameters } from "./parameters.ts";
import { type Architecture, blocks } from "./stages.ts";

/** Name of the classifier, as torchvision counts its layers. */
export const CLASSIFIER = "classifier.1";

/** Parts in order: `"features.0"`, the blocks `"features.1.0"` to `"features.7.0"`, `"features.8"`, `"classifier"`. */
export function networkParts(architecture?: Architecture): string[] {
  return [STEM, ...blocks(architecture).map(({ name }) => name), HEAD, "classifier"];
}

/**
 * Every entry as far as the deepest stage, and the classifier's two.
 *
 * @param classes 0 for no classifier.
 * @param features Length of the feature vector.
 * @param deepest Stage that the network ends with.
 */
export function networkEntries(
  classes: number,
  features: number,
  deepest: number,
  policies: ReadonlyMap<string, PartPolicy>,
  architecture?: Architecture,
): NetworkEntry[] {
  const parts = networkParts(architecture);
  const inside = trunkParameters(architecture).filter(({ name }) =>
    Number(name.split(".")[1]) <= deepest
  );
  const classifier = [
    {
      name: `${CLASSIFIER}.weight`,
      shape: [classes, features],
      kind: "convolution" as const,
      part: "classifier",
    },
    { name: `${CLASSIFIER}.bias`, shape: [classes], kind: "bias" as const, part: "classifier" },
  ];
  return [
    ...inside.map((spec) => ({
      ...spec,
      part: parts.find((part) => spec.name.startsWith(`${part}.`))!,
    })),
    ...(classes > 0 ? classifier : []),
  ].map((entry) => ({
    ...entry,
    trainable: entry.kind !== "runningMean" && entry.kind !== "runningVariance" &&
      policies.get(entry.part)!.trainable,
  }));
}
