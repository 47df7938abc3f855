/** How far a model's answers can be trusted, learnt from rows that it has not learnt from. @module */
import { UserError } from "../core/errors.ts";
import { softmax } from "../model/heads.ts";
import { energies, fitRejection, type Rejection } from "./rejection.ts";
import { reliability } from "./reliability.ts";
import { fitTemperature } from "./temperature.ts";

/** How logits become probabilities that mean what they say, and how to tell strange pictures; plain data. */
export interface CalibrationManifest {
  /** What logits are divided by before softmax, above 0; 1 = left as they are. */
  readonly temperature: number;
  /** The rows that told: training rows, each by a head that had not learnt from it; rows kept for validation; or not told. */
  readonly fittedOn: "out-of-fold" | "validation" | "unknown";
  /** Their number; 0 where it is not told. */
  readonly rows: number;
  /** Expected calibration error of these rows at temperature 1, see `reliability`; undefined where it is not told. */
  readonly eceBefore?: number;
  /** The same at the temperature: a little optimistic, since one number was fitted on these rows. */
  readonly eceAfter?: number;
  /** How to turn pictures away; `null` = there is nothing to go by. */
  readonly rejection: Rejection | null;
}

/** Options of {@linkcode calibrate}. */
export interface CalibrateOptions {
  /** Number of classes. */
  readonly classes: number;
  /** What the rows are, see {@linkcode CalibrationManifest}. */
  readonly fittedOn: "out-of-fold" | "validation";
  /** Distance of each row's features from the usual, see `featureDistances`. @default pictures are told by their energy alone */
  readonly distances?: Float64Array;
}

/**
 * Fits temperature and rejection on rows that the head has not learnt from.
 *
 * @param logits Row-major `[rows, classes]`, one row or more.
 * @param labels True class index of each row.
 * @throws {UserError} Without rows, or when logits, labels and distances do not fit together.
 *
 * @example
 * ```ts
 * import { calibrate } from "./calibration.ts";
 * const logits = Float32Array.of(4, 0, 4, 0, 0, 4, 4, 0);
 * const { temperature, rows } = calibrate(logits, [0, 0, 1, 1], { classes: 2, fittedOn: "validation" });
 * if (!(temperature > 1) || rows !== 4) throw new Error(`${temperature}`);
 * ```
 */
export function calibrate(
  logits: Float32Array,
  labels: ArrayLike<number>,
  { classes, fittedOn, distances }: CalibrateOptions,
): CalibrationManifest {
  const rows = labels.length;
  if (rows === 0 || (distances && distances.length !== rows)) {
    throw new UserError(
      `Cannot calibrate: there are ${rows} rows and ${
        distances?.length ?? "no"
      } distances; expected as many, one or more`,
    );
  }
  const temperature = fitTemperature(logits, labels, classes);
  const eceAt = (divisor: number) =>
    reliability(softmax(logits.map((logit) => logit / divisor), classes), labels, classes).ece;
  return {
    temperature,
    fittedOn,
    rows,
    eceBefore: eceAt(1),
    eceAfter: eceAt(temperature),
    rejection: fitRejection({ energy: energies(logits, classes), distance: distances }),
  };
}
