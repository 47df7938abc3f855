/** What new and loaded classifiers have in common. @module */

import { startRuntime } from "../backend/start.ts";
import { createTrunk } from "../model/trunk.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { Classifier } from "./classifier.ts";
import type { ClassifierParts } from "./options.ts";

/**
 * Starts the backend and puts a classifier on it; leaves no trunk behind when an option is refused.
 *
 * @param threads See `startBackend`.
 */
export async function buildClassifier(
  weights: LoadedWeights,
  threads: number | undefined,
  parts: Omit<ClassifierParts, "trunk">,
): Promise<Classifier> {
  await startRuntime({ threads });
  const trunk = createTrunk(weights);
  try {
    return new Classifier({ ...parts, trunk });
  } catch (error) {
    trunk[Symbol.dispose]();
    throw error;
  }
}
