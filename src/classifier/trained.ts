/** Inputs and result of a training. @module */

import type { ImageDataset } from "../data/dataset.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import type { HeldOutPictures } from "../train/probe.ts";
import type { LoadedWeights } from "../weights/load.ts";
import type { FeatureRecipe } from "./options.ts";
import type { TrainingCourse } from "./training_course.ts";

/** Weights, features and images that a training starts from. */
export interface TrainingInputs {
  /** Weights of the trunk. */
  readonly weights: LoadedWeights;
  /** Its features of `data`, and of views of it where there are more rows than pictures. */
  readonly features: FeatureMatrix;
  /** Pictures with their labels. */
  readonly data: ImageDataset;
  /** How pictures become features. */
  readonly recipe: FeatureRecipe;
}

/** Result of a training. */
export interface Trained {
  /** The head. */
  readonly head: Head;
  /** The trunk, where it learnt, too. */
  readonly weights?: LoadedWeights;
  /** Validation set; absent if there was none. */
  readonly validation?: ImageDataset;
  /** Out-of-fold predictions; `rows` are rows of the features. Absent without cross-validation or a trial. */
  readonly heldOut?: HeldOutPictures;
  /** How it went. */
  readonly course: TrainingCourse;
}
