/** What a probe costs, and what is saved where it is dear. @module */

/** Sizes of a regression. */
export interface ProbeSize {
  /** Rows that there are. */
  readonly rows: number;
  /** Features of each. */
  readonly columns: number;
  /** Number of classes. */
  readonly classes: number;
  /** Most rows of the cross-validation; it takes a few of each class all the same. */
  readonly cvRows: number;
}

/**
 * Multiplications of one pass over the rows from which on a probe is dear: choosing its strength by all strengths and folds would then take
 * minutes. 10 classes of 1,500 rows of 1,704 columns have 2.3e7, 500 classes of four rows 1.7e9.
 */
const DEAR = 3e8;

/** Folds by which the strength of a dear probe is chosen: enough to find what five do. */
export const FRUGAL_FOLDS = 3;

/**
 * How exactly the fits are made that choose a dear probe's strength: within so many nats, after so many iterations at the most. On one fold
 * of 500 classes of four images out-of-fold log-loss then was about 0.02 nats from that of ten times the iterations.
 */
export const FRUGAL_FIT = { tolerance: 1e-2, maxIterations: 60 } as const;

/**
 * When the last fit of a dear probe ends on the reduced features, and then, from there, on all of them. To end within 1e-6 nats took several
 * times the iterations and hardly changed the out-of-fold log-loss of the one set that was tried (500 classes of four images).
 */
export const DEAR_FIT = { tolerance: 1e-4, maxIterations: 200 } as const;
export const DEAR_POLISH = { tolerance: 1e-4, maxIterations: 50 } as const;

/** Whether choices about a probe are to be made by fewer fits on fewer columns. */
export function isDear({ rows, columns, classes, cvRows }: ProbeSize): boolean {
  const learnt = Math.min(rows, Math.max(cvRows, classes * FRUGAL_FOLDS));
  return classes * learnt * Math.min(learnt, columns) >= DEAR;
}
