/** Flags that say what judges fine-tuning, and when it stops. @module */

import { count } from "../core/count.ts";
import { mayTune } from "../classifier/validate_training.ts";
import { STOPPING_DEFAULTS } from "../classifier/fine_tune_options.ts";
import type { FitOptions } from "../classifier/options.ts";
import { LEAST_VALIDATION, VALIDATION_SHARE } from "../classifier/validation_part.ts";
import { UsageError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { TrainTestIndices } from "../data/split.ts";
import { choiceFlag, type FlagTable, type FlagValues, numberFlag } from "./flags.ts";

const { monitor, patience, minDelta } = STOPPING_DEFAULTS;

/** Which pictures judge the epochs, and what follows. */
export const VALIDATION_FLAGS = {
  "valid-size": numberFlag(
    "SHARE|ROWS",
    "fine-tuning: share (below 1) or number of the rows to train on that are kept apart to judge the epochs; 0 for none: lpft is then saved even if it is worse than its probe",
    {
      min: 0,
      shownDefault:
        `the data's own validation part; else finetune ${VALIDATION_SHARE}, from ${LEAST_VALIDATION} rows up to a fifth, and lpft a fifth, which is learnt from in the end`,
    },
  ),
  "validate-on": choiceFlag(
    ["validation", "test"],
    "fine-tuning: test judges the epochs by the rows of the score, which is optimistic then (default: validation)",
  ),
  monitor: choiceFlag(
    ["loss", "accuracy"],
    `fine-tuning: by which figure an epoch is the best (default: ${monitor})`,
  ),
  patience: numberFlag(
    "EPOCHS",
    "fine-tuning: epochs without a new best before it stops; 0 never stops",
    { min: 0, whole: true, shownDefault: `${patience}` },
  ),
  "min-delta": numberFlag("D", "fine-tuning: by how much a best has to be better", {
    min: 0,
    shownDefault: `${minDelta}`,
  }),
  keep: choiceFlag(
    ["best", "last"],
    "fine-tuning: which epoch's weights are kept (default: best)",
  ),
} satisfies FlagTable;

type ValidationFlags = FlagValues<typeof VALIDATION_FLAGS>;

/** What is known of the data. */
export interface DividedData {
  /** All of it. */
  readonly data: ImageDataset;
  /** The rows to train on and of the score. */
  readonly rows: TrainTestIndices;
  /** Whether these are the parts that the data came in. */
  readonly asItCame: boolean;
}

/**
 * The options of `Classifier.fit` that the flags ask for, and what is worth saying of them.
 *
 * @throws {UsageError} For flags that do not belong together.
 */
export function validationOptions(
  flags: ValidationFlags,
  method: FitOptions["method"],
  { data, rows, asItCame }: DividedData,
): Pick<FitOptions, "validation" | "earlyStopping"> & { readonly notes: readonly string[] } {
  checkValidationFlags(flags, method, rows.test.length);
  const own = asItCame && data.parts?.test ? data.parts.validation : undefined;
  if (!mayTune(method)) return { notes: unusedPart(data, asItCame) };
  const { patience, monitor, keep } = flags;
  const stops = [patience, monitor, keep, flags["min-delta"]].some((value) => value !== undefined);
  const earlyStopping = stops
    ? {
      monitor,
      patience: patience === 0 ? Infinity : patience,
      minDelta: flags["min-delta"],
      restoreBest: keep === undefined ? undefined : keep === "best",
    }
    : undefined;
  if (flags["validate-on"] === "test") {
    return {
      validation: { data: data.subset(rows.test), part: "test" },
      earlyStopping,
      notes: ["the test pictures judge the epochs: their score is optimistic"],
    };
  }
  const size = flags["valid-size"];
  if (size !== undefined) return { validation: { size }, earlyStopping, notes: [] };
  if (own === undefined || own.length === 0) return { earlyStopping, notes: [] };
  return {
    validation: { data: data.subset(own) },
    earlyStopping,
    notes: [
      `${count(own.length, "picture")} of the validation part ${
        own.length === 1 ? "judges" : "judge"
      } the epochs`,
    ],
  };
}

/** Says that the data's own validation part is not used, where there is one beside a part for the score. */
export function unusedPart({ parts }: Pick<ImageDataset, "parts">, asItCame: boolean): string[] {
  const rows = asItCame && parts?.test ? parts.validation?.length ?? 0 : 0;
  return rows === 0
    ? []
    : [`${count(rows, "picture")} of the validation part ${rows === 1 ? "is" : "are"} not used`];
}

function checkValidationFlags(
  flags: ValidationFlags,
  method: FitOptions["method"],
  testRows: number,
): void {
  const names = Object.keys(VALIDATION_FLAGS) as (keyof ValidationFlags)[];
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length > 0 && !mayTune(method)) {
    throw new UsageError(`--${given.join(" and --")} needs --method finetune, lpft or auto`);
  }
  const size = flags["valid-size"];
  if (flags["validate-on"] === "test") {
    if (size !== undefined) throw new UsageError("--valid-size contradicts --validate-on test");
    if (testRows === 0) throw new UsageError("--validate-on test needs pictures for the score");
  }
  const stopping = given.filter((name) => !name.startsWith("valid"));
  if (size === 0 && stopping.length > 0) {
    throw new UsageError(
      `--${stopping.join(" and --")} needs something to go by: --valid-size 0 validates nothing`,
    );
  }
}
