/** `graft lr-find`: which learning rate to train with. @module */

import { backend } from "../../backend/mod.ts";
import { checkTrainable } from "../../classifier/check_trainable.ts";
import { findRate, RATE_METHODS } from "../../classifier/find_rate.ts";
import { checkDivision } from "../check_division.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { durationFlag } from "../duration_flag.ts";
import { choiceFlag, numberFlag, textFlag } from "../flags.ts";
import { LR_FIND_FILES, lrFindFiles, lrFindJson, lrFindText } from "../lr_find_result.ts";
import { MODEL_FLAGS } from "../model_flags.ts";
import { checkWeights, createModel } from "../models.ts";
import { openReportFolder } from "../report_folder.ts";
import { datasetLine } from "../reports.ts";
import { describeSplit, SPLIT_FLAGS, splitRows } from "../split_flags.ts";
import { TRAINING_FLAGS, trainingOptions } from "../training_flags.ts";
import { unusedPart } from "../validation_flags.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft lr-find <data>`. */
export const lrFindVerb: Verb = defineVerb({
  name: "lr-find",
  summary: "find a learning rate to train with, by Smith's range test",
  words: "<data>",
  count: [1, 1],
  flags: {
    ...MODEL_FLAGS,
    ...DATA_FLAGS,
    ...SPLIT_FLAGS,
    method: choiceFlag(RATE_METHODS, "what is going to be trained, as in graft train", "lpft"),
    "batch-size": TRAINING_FLAGS["batch-size"],
    "class-weights": TRAINING_FLAGS["class-weights"],
    augment: TRAINING_FLAGS.augment,
    "freeze-to": TRAINING_FLAGS["freeze-to"],
    "layer-decay": TRAINING_FLAGS["layer-decay"],
    memory: TRAINING_FLAGS.memory,
    lowest: numberFlag("RATE", "learning rate of the first step", { min: 0, aboveMin: true }, 1e-7),
    highest: numberFlag("RATE", "learning rate of the last step", { min: 0, aboveMin: true }, 10),
    steps: numberFlag("N", "mini-batches (default: 100, or as few as 20 where --budget is short)", {
      min: 10,
      whole: true,
    }),
    budget: durationFlag(
      "time limit of the test; with --steps there is none unless it is given",
      "5m",
    ),
    out: textFlag("FOLDER", "where to write the curve: a page, and as SVG"),
  },
  permissions:
    "--allow-read=<data>,<weights file>; both --allow-read=<out> and --allow-write=<out> for the report; " +
    "--allow-net=<host> for data or weights at an address",
  examples: [
    "graft lr-find clothes.csv",
    "graft lr-find pets.zip --method finetune --out rates",
    "graft lr-find pets.zip --method linear --augment flip",
  ],
  async run(context) {
    const { words: [source], flags, signal, onProgress, note, detail } = context;
    const { out, method, lowest, highest, steps, budget, "random-state": randomState } = flags;
    const training = trainingOptions({ ...TRAINING_DEFAULTS, ...flags, budget: undefined });
    await checkWeights(flags.weights);
    const data = await openData(source, context);
    const rows = splitRows(data, flags);
    const { notes, asItCame } = describeSplit(data, rows, flags);
    [...notes, ...unusedPart(data, asItCame)].forEach(note);
    checkDivision(data, rows, { asItCame });
    const train = data.subset(rows.train);
    checkTrainable(train, training.classWeights);
    await using folder = out === undefined
      ? undefined
      : await openReportFolder(out, LR_FIND_FILES, { inputs: [source, flags.weights], note });
    detail(`${datasetLine(data)}: ${train.length} to train on`);
    using model = await createModel(context, data.classes);
    const { classWeights, augment, batchSize, fineTune } = training;
    const found = await findRate(model, train, {
      ...{ method, lowest, highest, steps, budgetSeconds: budget },
      ...{ classWeights, augment, batchSize, fineTune, randomState },
      onProgress,
      signal,
    });
    const result = { source, method, pictures: train.length, steps: found.steps, found };
    const written: string[] = [];
    if (folder !== undefined) {
      const files = lrFindFiles(result);
      for (const file of LR_FIND_FILES) written.push(await folder.write(file, files[file]));
    }
    const { weights, variant, weightsSha256: sha256 } = model.trunk;
    return {
      text: [
        lrFindText(result, context.page),
        ...written.length === 0 ? [] : ["", `written: ${written.join(", ")}`],
      ].join("\n"),
      json: {
        ...lrFindJson(result),
        weights: { source: weights.source, sha256, variant },
        backend: backend(),
        out: written,
      },
    };
  },
});

/** Flags of training that a search for the rate does not take. */
const TRAINING_DEFAULTS = {
  head: undefined,
  epochs: undefined,
  lr: undefined,
  views: undefined,
  checkpoint: undefined,
  resume: false,
  every: undefined,
};
