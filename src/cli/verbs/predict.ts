/** `graft predict`: what is in the pictures. @module */

import type { Prediction } from "../../classifier/prediction.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { numberFlag } from "../flags.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { openModel } from "../models.ts";
import { tableLines } from "../table.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft predict <model> <csv…>`. */
export const predictVerb: Verb = defineVerb({
  name: "predict",
  summary: "name the class of each picture",
  words: "<model> <csv...>",
  count: [2, Infinity],
  flags: {
    ...DATA_FLAGS,
    ...LOAD_FLAGS,
    top: numberFlag("K", "classes to name for each picture", { min: 1, whole: true }, 3),
  },
  permissions: "--allow-read=<model>,<csv>",
  examples: [
    "graft predict clothes.safetensors new.csv",
    "graft predict m.safetensors a.csv --top 1",
  ],
  async run(context) {
    const { words: [path, ...sources], flags, signal, onProgress } = context;
    const data = [];
    for (const source of sources) data.push(await openData(source, context, false));
    const { top } = flags;
    using model = await openModel(path, context);
    const answers: { file: string; row: number; prediction: Prediction }[] = [];
    for (const [i, dataset] of data.entries()) {
      const predictions = await model.predict(dataset, { top, onProgress, signal });
      for (const [row, prediction] of predictions.entries()) {
        answers.push({ file: sources[i], row: row + 1, prediction });
      }
    }
    const shown = Math.min(top, model.classes.length);
    const header = Array.from(
      { length: shown },
      (_, k) => ["class", "probability"].map((name) => k === 0 ? name : `${name} ${k + 1}`),
    ).flat();
    const oneFile = sources.length === 1;
    const rows = answers.map(({ file, row, prediction }) => [
      ...oneFile ? [] : [file],
      row,
      ...prediction.top.flatMap(({ label, probability }) => [label, probability.toFixed(4)]),
    ]);
    return {
      text: tableLines([...oneFile ? [] : ["file"], "row", ...header], rows).join("\n"),
      json: {
        model: path,
        classes: model.classes,
        predictions: answers.map(({ file, row, prediction }) => ({ file, row, ...prediction })),
      },
    };
  },
});
