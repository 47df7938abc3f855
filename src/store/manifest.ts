/** What a saved model says of itself. @module */
import type { Proportion } from "../core/intervals.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import type { Fingerprints } from "../data/fingerprints.ts";
import type { CalibrationManifest } from "../evaluate/calibration.ts";
import type { HeadKind } from "../model/heads.ts";
import type { WeightDType } from "../weights/quantise.ts";
import type { Variant } from "../weights/variants.ts";
import type { TrainingManifest } from "./training_manifest.ts";

export type { CalibrationManifest } from "../evaluate/calibration.ts";

/** Version of the manifest's layout; a file of a higher one is refused. */
export const MANIFEST_FORMAT = 1;

/** How a head was trained and how large it is. */
export interface HeadManifest {
  /** See `Head.kind`. */
  readonly kind: HeadKind;
  /** Features per picture. */
  readonly columns: number;
  /** Whether the features are standardised first: `head.mean` and `head.scale` are in the file. */
  readonly standardised: boolean;
  /** How the training went. */
  readonly details: Readonly<Record<string, number | string>>;
}

/** How the data was divided. */
export interface SplitManifest {
  /** Share or number of rows that were kept for testing, as asked for; 0 = none. */
  readonly testSize: number;
  /** Seed of the division. */
  readonly randomState: number;
  /** Whether the classes were kept in equal shares. */
  readonly stratify: boolean;
  /** Rows trained on. */
  readonly train: number;
  /** Rows tested on. */
  readonly test: number;
  /**
   * Hash of all the pictures that were divided, with their labels (`ImageDataset.hash`): the rows of data with the same hash are told
   * apart by dividing it again, so that none that was trained on is scored as unseen. Absent in older files.
   */
  readonly dataSha256?: string;
  /** Fingerprints of the images that were trained on, so that scores on them can be told to be optimistic. Absent in older files. */
  readonly trainedOn?: Fingerprints;
}

/** A description for people and programs to read: without the fingerprints, which are long and say nothing by themselves. */
export function withoutFingerprints<T extends { readonly split: SplitManifest | null }>(
  description: T,
): T {
  if (description.split?.trainedOn === undefined) return description;
  const { trainedOn: _, ...split } = description.split;
  return { ...description, split };
}

/** Scores on the test rows. */
export interface MetricsManifest {
  /** Share of right answers with its Wilson 95 % interval. */
  readonly accuracy: Proportion;
  /** Mean log-loss in nats. */
  readonly logLoss: number;
  /** Mean F1 over classes. */
  readonly macroF1: number;
  /** Accuracy of always guessing the commonest class. */
  readonly majority: number;
}

/** What computed the features. */
export interface BuildManifest {
  /** Threads that shared the work. */
  readonly threads: number;
  /** Whether multiply-adds were fused. */
  readonly fma: boolean;
}

/** What a saved model says of itself: the JSON under `graft` in the file's metadata. */
export interface Manifest {
  /** Version of this layout. */
  readonly format: typeof MANIFEST_FORMAT;
  /** Version of graft that saved the model. */
  readonly graft: string;
  /** Class names, in the order of the head's outputs. */
  readonly classes: readonly string[];
  /** Network that the features come from. */
  readonly backbone: "efficientnet_b0";
  /** Family of its weights: decides padding and the epsilon of batch norm. */
  readonly variant: Variant;
  /** Preparation of the pictures, as trained with. */
  readonly preprocessing: Preprocessing;
  /** Side of the network's input, in pixels. */
  readonly imageSize: number;
  /** Whether pictures are scaled whole or cropped. */
  readonly fit: "whole" | "crop";
  /** Stages whose pooled outputs are the features, ascending. */
  readonly stages: readonly number[];
  /** The head. */
  readonly head: HeadManifest;
  /** How logits become probabilities; `null` = not calibrated. */
  readonly calibration: CalibrationManifest | null;
  /**
   * SHA-256 of the checkpoint file that the trunk came from; of its tensors (`hashTensors`, as float32) where they are no file's any
   * more: fine-tuned, or rounded.
   */
  readonly weightsSha256: string;
  /** Where the checkpoint came from, for people. */
  readonly weightsSource: string;
  /** Whether the trunk's tensors are in the file; else the checkpoint is needed beside it. */
  readonly trunk: "included" | "absent";
  /** How the kernels and matrices in the file are kept, see `quantise`; older files lack this and have `"f32"`. */
  readonly dtype: WeightDType;
  /** SHA-256 over all tensors in the file as it keeps them (16-bit floats widened), see `hashTensors`. */
  readonly tensorsSha256: string;
  /** How the data was divided; `null` = not at all. */
  readonly split: SplitManifest | null;
  /** Scores on the test rows; `null` = not measured. */
  readonly metrics: MetricsManifest | null;
  /** How it was trained; `null` = not told, as in older files. */
  readonly training: TrainingManifest | null;
  /** Seed of the training. */
  readonly seed: number;
  /** What computed the features. */
  readonly build: BuildManifest;
}
