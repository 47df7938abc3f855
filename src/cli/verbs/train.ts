/** `graft train`: from pictures to a classifier. @module */

import { UserError } from "../../core/errors.ts";
import { backend } from "../../backend/mod.ts";
import { tunesTrunk } from "../../classifier/validate_training.ts";
import { checkTrainable } from "../../classifier/check_trainable.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { quotedList } from "../../core/quoted.ts";
import { evaluatePredictions, type Evaluation } from "../../evaluate/metrics.ts";
import {
  type FeatureMatrix,
  type Head,
  predictProbabilities,
  takeRows,
} from "../../model/heads.ts";
import { identify } from "../../audit/identify.ts";
import { fingerprintsOf } from "../../data/fingerprints.ts";
import { repeatedImages, repeatedLines } from "../repeated_images.ts";
import { weakClasses } from "../weak_classes.ts";
import { checkDivision } from "../check_division.ts";
import { CROSS_VALIDATION_FLAGS, crossValidationOptions } from "../cross_validation_flags.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { textFlag } from "../flags.ts";
import { MODEL_FLAGS } from "../model_flags.ts";
import { createModel } from "../models.ts";
import { checkApart, checkCache, checkWritable, writtenPath } from "../paths.ts";
import { formatOf } from "../report_formats.ts";
import { datasetLine } from "../reports.ts";
import { describeSplit, SPLIT_FLAGS, splitRows } from "../split_flags.ts";
import { toldCommand } from "../told_command.ts";
import { crossValidateTraining, following } from "../follow_training.ts";
import { writeTrainingReport } from "../training_report.ts";
import { TRAINING_FLAGS, trainingOptions } from "../training_flags.ts";
import { trainingText } from "../training_text.ts";
import { VALIDATION_FLAGS, validationOptions } from "../validation_flags.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft train <data>`. */
export const trainVerb: Verb = defineVerb({
  name: "train",
  summary: "train a classifier on your pictures and score it on some that are kept apart",
  words: "<data>",
  count: [1, 1],
  flags: {
    ...MODEL_FLAGS,
    ...DATA_FLAGS,
    ...SPLIT_FLAGS,
    ...TRAINING_FLAGS,
    ...VALIDATION_FLAGS,
    ...CROSS_VALIDATION_FLAGS,
    features: textFlag("PATH", "file that keeps the features for the next time"),
    out: textFlag("PATH", "where to keep the model; without it, it is only scored"),
    report: textFlag("FILE", "where to write what it has learnt: a page, or .json, or .md"),
  },
  permissions:
    "--allow-read=<data>,<weights file>; both --allow-read and --allow-write=<folder> for the folders of --out, --report and --features, and for --checkpoint; --allow-net=<host> for data or weights at an address",
  examples: [
    "graft train clothes.csv --out clothes.safetensors",
    "graft train pets.zip --out pets.safetensors --report pets.html",
    "graft train clothes.csv --weights efficientnet_b0.pth --variant torchvision --json",
    "graft train clothes.csv --method lpft --checkpoint run --out clothes.safetensors",
    "graft train clothes.csv --method lpft --epochs 100 --patience 5",
    "graft train clothes.csv --budget 5m --cv 5",
    "graft train clothes.csv --method linear --epochs 50 --lr 0.01",
    "graft train clothes.csv --augment flip --views 4",
  ],
  async run(context) {
    const { flags, signal, onProgress, note, detail } = context;
    const { out, report } = flags;
    const training = trainingOptions(flags);
    const folds = crossValidationOptions(flags);
    const inputs = [context.words[0], flags.weights, flags.features];
    checkApart({ out, report });
    const replaced = out !== undefined && await checkWritable(out, note, inputs);
    if (report !== undefined) formatOf(report); // refuses another ending before the work begins
    const reportReplaced = report !== undefined && await checkWritable(report, note, inputs);
    if (flags.features !== undefined) await checkCache(flags.features, note);

    const run = training.fineTune?.checkpoint;
    await using _held = await run?.store.hold?.(); // before minutes of features, not after
    const occupied = await run?.store.occupied();
    if (run?.resume && !occupied) {
      note(`there is nothing to resume in ${flags.checkpoint}: training begins`);
    }
    if (occupied && !run?.resume) { // the training would refuse it, too, but after features and probe
      throw new UserError(
        `Cannot train: ${flags.checkpoint} holds a training run already; add --resume to go on with it, or name another folder`,
      );
    }

    const data = await openData(context.words[0], context);
    const { "random-state": randomState } = flags;
    const rows = splitRows(data, flags);
    const { manifest: division, notes, asItCame } = describeSplit(data, rows, flags);
    const { notes: more, ...validation } = validationOptions(flags, training.method, {
      ...{ data, rows, asItCame },
    });
    checkDivision(data, rows, { asItCame });
    [...notes, ...more].forEach(note);
    detail(
      `${datasetLine(data)}: ${rows.train.length} to train on, ${rows.test.length} kept apart`,
    );

    const train = data.subset(rows.train);
    const test = data.subset(rows.test);
    checkTrainable(train, training.classWeights);
    const { hashes } = await identify(data, { onProgress, signal });
    const repeated = repeatedImages(hashes, data.labels, rows);
    repeatedLines(repeated, test.length).forEach(note);

    using model = await createModel(context, data.classes);
    const counts = train.classCounts();
    const alone = train.classes.filter((_, label) => counts[label] === 1);
    if (alone.length > 0) {
      note(`classes with a single picture to learn from: ${quotedList(alone)}`);
    }
    const features = await model.features(data, { cache: flags.features, onProgress, signal });
    const ofTest = takeRows(features, rows.test);
    const learnt = {
      ...training,
      ...validation,
      randomState,
      features: takeRows(features, rows.train),
    };
    let start: Evaluation | undefined;
    try {
      await model.fit(train, {
        ...learnt,
        ...following(context, learnt.method),
        fineTune: training.fineTune && {
          ...training.fineTune,
          checkpoint: run && { ...run, store: { ...run.store, hold: undefined } }, // held above
          onStart: (head) => {
            if (test.length > 0) start = evaluateHead(head, ofTest, test);
          },
        },
        onProgress,
        stop: signal,
      });
    } finally { // stopped before the end of the first epoch, there is a run, but nothing to keep
      if (signal.aborted && await run?.store.occupied()) {
        note(`the same command with --resume goes on with the run in ${flags.checkpoint}`);
      }
    }
    const tuned = tunesTrunk(model.training!.method);
    if (!tuned) start = undefined; // of a fold, where methods were compared
    // What is learnt is not given up any more. Features of a trunk that has learnt since are of no use.
    context.whenStopped(
      out === undefined ? "scoring what was learnt" : "scoring and keeping what was learnt",
    );
    const evaluation = test.length === 0
      ? undefined
      : await model.evaluate(test, tuned ? { onProgress } : { features: ofTest });
    const crossValidation = folds && await crossValidateTraining(model, train, {
      ...{ context, folds, training: learnt },
    });
    const split = (out ?? report) === undefined
      ? division
      : { ...division, dataSha256: await data.hash() };
    const trainedOn = fingerprintsOf(Array.from(rows.train, (row) => hashes[row]));
    const making = {
      split: { ...split, trainedOn },
      evaluation,
      crossValidation,
      command: toldCommand(context.command),
    };
    if (out !== undefined) await model.save(out, making);
    else note("the model was not kept; add --out model.safetensors to keep it");
    if (report !== undefined) {
      await writeTrainingReport(report, model, {
        ...{ data, train, test, out, told: making, onProgress },
        features: tuned ? undefined : { train: learnt.features, test: ofTest },
      });
    }

    const { weights, weightsSha256: sha256, variant } = model.trunk;
    const told = {
      ...{
        evaluation,
        start,
        crossValidation,
        out: out && writtenPath(out, replaced),
        report: report && writtenPath(report, reportReplaced),
        training: model.training!,
        pictures: train.length,
      },
      asked: training,
    };
    return {
      text: trainingText(told),
      json: {
        accuracy: evaluation?.accuracy ?? null,
        baseline: evaluation?.majority ?? null,
        weakClasses: evaluation === undefined ? null : weakClasses(evaluation),
        repeated,
        notes: data.notes,
        evaluation: evaluation ?? null,
        start: start ?? null,
        crossValidation: crossValidation ?? null,
        training: model.training!,
        stopped: signal.aborted,
        split,
        classes: model.classes,
        head: { kind: model.head!.kind, ...model.head!.details },
        imageSize: model.recipe!.size,
        stages: model.recipe!.stages,
        weights: { source: weights.source, sha256, variant },
        backend: backend(),
        out: out ?? null,
        replaced,
        report: report ?? null,
      },
    };
  },
});

/** How a head does on features of pictures. */
function evaluateHead(head: Head, features: FeatureMatrix, data: ImageDataset): Evaluation {
  return evaluatePredictions(predictProbabilities(head, features), data.labels, data.classes);
}
