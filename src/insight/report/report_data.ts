/** What a report is made of, as plain data. @module */

import type { Thumbnail } from "../../report/contact_sheet.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { TrainingEpoch } from "../../store/training_manifest.ts";
import type { Interpretation } from "../interpretation.ts";

/** Everything that a report tells; what is left out is not told, and the page says why. */
export interface ReportData {
  /** What the report is on: a file's or folder's name without its path. */
  readonly name: string;
  /** What the model says of itself; `undefined` for a run that has made none yet. */
  readonly model?: ReportedModel;
  /** A training run that is kept to be resumed. */
  readonly run?: ReportedRun;
  /** The data that the model was looked at on. */
  readonly data?: ReportedData;
  /** What was seen. */
  readonly interpretation?: Interpretation;
  /** Pictures for what was seen. */
  readonly pictures?: ReportPictures;
  /** What else is to be known, as sentences. @default none */
  readonly notes?: readonly string[];
}

/** What a model says of itself, in a file or not. */
export type ReportedModel =
  & Omit<Manifest, "format" | "trunk" | "dtype" | "tensorsSha256">
  & Partial<Pick<Manifest, "trunk" | "dtype" | "tensorsSha256">>;

/** Where a training run stands. */
export interface ReportedRun {
  /** The epochs that are over. */
  readonly epochs: readonly TrainingEpoch[];
  /** Best epoch so far, from 1. */
  readonly bestEpoch?: number;
  /** Whether it is over. */
  readonly finished: boolean;
  /** Steps that were made. */
  readonly steps: number;
  /** What the course depends on, in words. */
  readonly settings: Readonly<Record<string, string>>;
  /** Version of graft that runs it. */
  readonly graft: string;
}

/**
 * What is known of the pictures that were scored.
 *
 * - `"test"`: they are the test rows of the data that the model was trained on.
 * - `"other"`: they come from other data; that none of them was trained on is likely, not certain.
 * - `"unknown"`: the model does not tell which data it was trained on; they may be among those.
 */
export type Standing = "test" | "other" | "unknown";

/** The data that a model was looked at on. */
export interface ReportedData {
  /** Its name, without its path. */
  readonly name: string;
  /** Pictures in it. */
  readonly pictures: number;
  /** Pictures that were scored. */
  readonly scored: number;
  /** What is known of those. */
  readonly standing: Standing;
  /** Pictures among the data that it was trained on; 0 where that is not known. */
  readonly trained: number;
  /** `ImageDataset.hash` of it. */
  readonly sha256?: string;
}

/** A picture of the training data that a report mentions. */
export interface TrainingPicture {
  /** What the data set calls it. */
  readonly name: string;
  /** Its class. */
  readonly label: number;
  /** The picture; `undefined` where there was no room for it. */
  readonly thumbnail?: Thumbnail;
}

/** Small pictures. */
export interface ReportPictures {
  /** By row of the data. */
  readonly seen: ReadonlyMap<number, Thumbnail>;
  /** The same with what speaks for the answer over it. */
  readonly heat: ReadonlyMap<number, Thumbnail>;
  /** By row of the training data. */
  readonly training: ReadonlyMap<number, TrainingPicture>;
}
