/** `graft extract`: the trunk's features of each picture, for use elsewhere. @module */

import { backend } from "../../backend/mod.ts";
import { writeFeatures } from "../../train/feature_cache.ts";
import { featureBatches, featureKey } from "../../train/features.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { textFlag } from "../flags.ts";
import { MODEL_FLAGS } from "../model_flags.ts";
import { createModel } from "../models.ts";
import { checkWritable } from "../paths.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft extract <data> --out features.safetensors`. */
export const extractVerb: Verb = defineVerb({
  name: "extract",
  summary: "write the features of each picture to a safetensors file",
  words: "<data>",
  count: [1, 1],
  flags: {
    ...MODEL_FLAGS,
    ...DATA_FLAGS,
    out: textFlag("PATH", "where to write them", "features.safetensors"),
  },
  permissions: "--allow-read=<data>,<weights file> --allow-write=<out>",
  examples: [
    "graft extract clothes.csv --out features.safetensors",
    "graft train clothes.csv --features features.safetensors",
  ],
  async run(context) {
    const { words: [source], flags, signal, onProgress } = context;
    const { out } = flags;
    await checkWritable(out, [source, flags.weights]);
    const data = await openData(source, context, { withoutLabels: true });
    using model = await createModel(context);
    const recipe = model.recipeFor(data);
    const key = await featureKey(model.trunk, data, recipe);
    const known = data.hasLabels ? { labels: data.labels, classes: data.classes } : undefined;
    const [rows, columns] = [data.length, model.trunk.featureSize(recipe.stages)];
    // Written as they come: 60,000 rows of the default features are 400 MB.
    const pieces = featureBatches(model.trunk, data, { ...recipe, onProgress, signal });
    await writeFeatures(out, { rows, columns, pieces }, key, known);
    return {
      text: `${out}: ${rows} pictures x ${columns} features (stages ${
        recipe.stages.join(",")
      } at ${recipe.size} px)`,
      json: { out, rows, columns, ...key, classes: data.classes, backend: backend() },
    };
  },
});
