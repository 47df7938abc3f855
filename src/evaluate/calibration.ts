/** What is known of how far a model's answers can be trusted; see `calibrate`. @module */

/** How to tell pictures that are like nothing the model has learnt from; plain data. */
export interface Rejection {
  /** What is measured of a picture: the larger, the less it is like those that were learnt from. */
  readonly score: string;
  /**
   * Quantiles of the score over pictures that the model had not learnt from, at equal steps from share 0 to share 1: a picture whose
   * score is above quantile `1 - rate` is turned away, as a share `rate` of those were.
   */
  readonly quantiles: readonly number[];
}

/** How logits become probabilities that mean what they say; plain data. */
export interface CalibrationManifest {
  /** What logits are divided by before softmax, above 0; 1 = left as they are. */
  readonly temperature: number;
  /** The rows that told: training rows, each by a head that had not learnt from it; rows kept for validation; or not told. */
  readonly fittedOn: "out-of-fold" | "validation" | "unknown";
  /** Their number; 0 where it is not told. */
  readonly rows: number;
  /** Expected calibration error of these rows at temperature 1, see `reliability`; undefined where it is not told. */
  readonly eceBefore?: number;
  /** The same at the temperature: optimistic, since it was fitted on these rows. */
  readonly eceAfter?: number;
  /** How to turn pictures away; `null` = there is nothing to go by. */
  readonly rejection: Rejection | null;
}
