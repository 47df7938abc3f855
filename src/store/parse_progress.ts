/** Reading where a training run stands: every field is checked before anything uses it. @module */
import { VERSION } from "../core/version.ts";
import { clip } from "../core/quoted.ts";
import type { EpochSums, TrainingProgress } from "../train/training_state.ts";
import type { NetworkEpoch } from "../train/fit_reports.ts";
import { FieldChecks } from "./field_checks.ts";

/** Number of the layout of a checkpoint; another one is another format. */
export const CHECKPOINT_FORMAT = 1;

/** What a checkpoint's metadata says. */
export interface CheckpointMetadata {
  /** Number of the layout. */
  readonly format: typeof CHECKPOINT_FORMAT;
  /** Version of graft that wrote it; another one may compute other bits. */
  readonly graft: string;
  /** Hash over all tensors, see `hashTensors`. */
  readonly tensorsSha256: string;
  /** Where the run stands. */
  readonly progress: TrainingProgress;
}

/** Words of the generator's state. */
const GENERATOR_WORDS = 624;

/**
 * Parses the `graftTraining` entry of a file's metadata.
 *
 * @param text The JSON; `undefined` when the file has no such entry.
 * @param name What messages call the file.
 * @throws {UserError} When the file is no checkpoint of a training run, was made by another version, or a field is absent or not
 * what it should be.
 */
export function parseCheckpoint(text: string | undefined, name: string): CheckpointMetadata {
  const check = checkpointChecks(name);
  if (text === undefined) {
    throw check.fail("it is no checkpoint of a training run; name another folder");
  }
  const fields = check.object("graftTraining", check.parse(text, "its metadata are"));
  if (fields.format !== CHECKPOINT_FORMAT || fields.graft !== VERSION) {
    throw check.fail(
      `it was made by graft ${clip(String(fields.graft), 40)} (format ${
        clip(String(fields.format), 40)
      }), this is ${VERSION} (format ${CHECKPOINT_FORMAT}), which may compute other bits; resume with that version, or start the training anew`,
    );
  }
  return {
    format: CHECKPOINT_FORMAT,
    graft: VERSION,
    tensorsSha256: check.sha256("tensorsSha256", fields.tensorsSha256),
    progress: parseProgress(check, fields.progress),
  };
}

/** Checks on what a checkpoint says. */
export function checkpointChecks(name: string): FieldChecks {
  return new FieldChecks(name, {
    action: "resume the training from",
    place: "its metadata",
    remedy: "start the training anew",
  });
}

function parseProgress(check: FieldChecks, value: unknown): TrainingProgress {
  const fields = check.object("progress", value);
  const settings = check.object("settings", fields.settings);
  const epoch = check.whole("epoch", fields.epoch, 1);
  const history = check.list("history", fields.history)
    .map((record, i) => parseEpoch(check, record, i + 1));
  if (history.length !== epoch - 1) {
    throw check.expected("the length of history", history.length, `${epoch - 1} epochs`);
  }
  const position = check.whole("generatorPosition", fields.generatorPosition, 0);
  if (position > GENERATOR_WORDS) {
    throw check.expected("generatorPosition", position, `at most ${GENERATOR_WORDS}`);
  }
  return {
    settings: Object.fromEntries(
      Object.entries(settings).map(([name, text]) => {
        if (typeof text === "string") return [name, text];
        throw check.expected(`settings.${clip(name, 40)}`, text, "text");
      }),
    ),
    step: check.whole("step", fields.step, 0),
    epoch,
    batch: check.whole("batch", fields.batch, 0),
    sums: parseSums(check, fields.sums),
    history,
    best: parseBest(check, fields.best),
    coolDown: parseCoolDown(check, fields.coolDown),
    finished: check.flag("finished", fields.finished),
    generatorPosition: position,
  };
}

function parseSums(check: FieldChecks, value: unknown): EpochSums {
  const fields = check.object("sums", value);
  return {
    loss: check.number("sums.loss", fields.loss),
    correct: check.whole("sums.correct", fields.correct, 0),
    rows: check.whole("sums.rows", fields.rows, 0),
    norm: check.number("sums.norm", fields.norm, { least: 0 }),
    seconds: check.number("sums.seconds", fields.seconds, { least: 0 }),
    learningRate: check.number("sums.learningRate", fields.learningRate, { least: 0 }),
  };
}

function parseEpoch(check: FieldChecks, value: unknown, epoch: number): NetworkEpoch {
  const path = `history[${epoch - 1}]`;
  const fields = check.object(path, value);
  if (fields.epoch !== epoch) throw check.expected(`${path}.epoch`, fields.epoch, String(epoch));
  const record = {
    epoch,
    loss: check.number(`${path}.loss`, fields.loss),
    accuracy: check.number(`${path}.accuracy`, fields.accuracy, { least: 0, most: 1 }),
    learningRate: check.number(`${path}.learningRate`, fields.learningRate, { least: 0 }),
    gradientNorm: check.number(`${path}.gradientNorm`, fields.gradientNorm, { least: 0 }),
    seconds: check.number(`${path}.seconds`, fields.seconds, { least: 0 }),
  };
  if (fields.validation === undefined) return record;
  const validation = check.object(`${path}.validation`, fields.validation);
  return {
    ...record,
    validation: {
      loss: check.number(`${path}.validation.loss`, validation.loss),
      accuracy: check.number(`${path}.validation.accuracy`, validation.accuracy),
    },
  };
}

function parseBest(check: FieldChecks, value: unknown): TrainingProgress["best"] {
  if (value === null) return null;
  const fields = check.object("best", value);
  return {
    epoch: check.whole("best.epoch", fields.epoch, 1),
    score: check.number("best.score", fields.score),
  };
}

function parseCoolDown(check: FieldChecks, value: unknown): TrainingProgress["coolDown"] {
  if (value === null) return null;
  const fields = check.object("coolDown", value);
  return {
    after: check.whole("coolDown.after", fields.after, 1),
    steps: check.whole("coolDown.steps", fields.steps, 1),
    lastEpoch: check.whole("coolDown.lastEpoch", fields.lastEpoch, 2),
  };
}
