/** What a logistic regression learns from. @module */

/** One problem: which rows of the design matrix it learns from. */
export interface TrainingRows {
  /** Indices of the rows. */
  readonly rows: Int32Array;
}

/** What is learnt from a design matrix. */
export interface RegressionOptions {
  /** Class of each row of the design. */
  readonly labels: ArrayLike<number>;
  /** Number of classes. */
  readonly classes: number;
  /** The problems. */
  readonly parts: readonly TrainingRows[];
  /** Weight of each class, above 0. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
}
