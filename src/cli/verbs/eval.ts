/** `graft eval`: how good a kept model is. @module */

import { backend } from "../../backend/mod.ts";
import { reliability } from "../../evaluate/reliability.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { openModel } from "../models.ts";
import { evaluationText } from "../reports.ts";
import { seenPictures } from "../seen_pictures.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** What JSON says of a bin without answers: it has no NaN. */
const EMPTY = { confidence: null, accuracy: null };

/** `graft eval <model> <data>`. */
export const evalVerb: Verb = defineVerb({
  name: "eval",
  summary: "score a kept model on labelled pictures",
  words: "<model> <data>",
  count: [2, 2],
  flags: { ...DATA_FLAGS, ...LOAD_FLAGS },
  permissions: "--allow-read=<model>,<data>",
  examples: ["graft eval clothes.safetensors more_clothes.csv"],
  async run(context) {
    const { words: [path, source], signal, onProgress, note, page } = context;
    const data = await openData(source, context);
    if (data.parts !== undefined) {
      note("the data come divided: all parts are scored; name the folder of one to score it alone");
    }
    using model = await openModel(path, context);
    const seen = await seenPictures(data, {
      ...{ split: model.describe().split, model: path, onProgress, signal },
    });
    if (seen.note !== undefined) note(seen.note);
    const { classes } = model;
    const { labels, notes } = data.withClasses(classes); // before the work
    notes.slice(data.notes.length).forEach(note);
    const features = await model.features(data, { onProgress, signal });
    const evaluation = await model.evaluate(data, { features });
    const probabilities = await model.probabilities(data, { features });
    const { bins } = reliability(probabilities, labels, classes.length);
    return {
      text: evaluationText(evaluation, page),
      json: {
        ...evaluation,
        reliability: bins.map((bin) => bin.count > 0 ? bin : { ...bin, ...EMPTY }),
        calibration: model.calibration ?? null,
        model: path,
        data: source,
        trainedOn: seen.images,
        notes,
        backend: backend(),
      },
    };
  },
});
