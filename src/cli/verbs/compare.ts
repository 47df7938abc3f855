/** `graft compare`: which of two models is better, and whether that can be told. @module */

import { backend } from "../../backend/mod.ts";
import { compareModels } from "../../classifier/compare_models.ts";
import { comparisonText, verdict } from "../comparison_result.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { numberFlag } from "../flags.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { openModel } from "../models.ts";
import { seenPictures } from "../seen_pictures.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft compare <model> <model> <data>`. */
export const compareVerb: Verb = defineVerb({
  name: "compare",
  summary:
    "say which of two kept models is better on labelled pictures, and whether that can be told",
  words: "<model> <model> <data>",
  count: [3, 3],
  flags: {
    ...DATA_FLAGS,
    ...LOAD_FLAGS,
    "random-state": numberFlag(
      "N",
      "seed of the bootstrap",
      { min: 0, max: 0xffffffff, whole: true },
      5,
    ),
  },
  permissions: "--allow-read=<models>,<data>",
  examples: [
    "graft compare probe.safetensors tuned.safetensors more_clothes.csv",
    "graft compare a.safetensors b.safetensors pets/test --json",
  ],
  async run(context) {
    const { words: [pathA, pathB, source], flags, signal, onProgress, page, note } = context;
    using a = await openModel(pathA, context);
    using b = await openModel(pathB, context);
    const data = await openData(source, context);
    if (data.parts !== undefined) {
      note("the data come divided: all parts are scored; name the folder of one to score it alone");
    }
    for (const [model, path] of [[a, pathA], [b, pathB]] as const) {
      const seen = await seenPictures(data, {
        ...{ split: model.describe().split, model: path, onProgress, signal },
      });
      if (seen.note !== undefined) note(seen.note);
    }
    const comparison = await compareModels({ a, b }, data, {
      randomState: flags["random-state"],
      onProgress,
      signal,
    });
    const models = { a: pathA, b: pathB };
    return {
      text: comparisonText(models, comparison, page),
      json: {
        models,
        data: source,
        ...comparison,
        verdict: verdict(comparison),
        backend: backend(),
      },
    };
  },
});
