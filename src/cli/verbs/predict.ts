/** `graft predict`: what is in the pictures. @module */

import { count } from "../../core/count.ts";
import type { Prediction } from "../../classifier/prediction.ts";
import { UserError } from "../../core/errors.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { isPicture } from "../../data/read_image.ts";
import type { SkippedFile } from "../../data/sources/picture_files.ts";
import { DATA_FLAGS, leftOutLines, openData } from "../data_flags.ts";
import { numberFlag } from "../flags.ts";
import { holdsTensors } from "../holds_tensors.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { openModel } from "../models.ts";
import { checkReadable } from "../paths.ts";
import { predictFiles } from "../predict_files.ts";
import { REJECT_FLAG } from "../reject_flag.ts";
import { tableLines } from "../table.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** What is predicted in one go: a data set, or picture files that follow on each other. */
interface Batch {
  /** The file of each picture; that of the whole data set. */
  readonly files: string[];
  /** The pictures of a data set; the files are the pictures where it is absent. */
  readonly table?: ImageDataset;
}

/** `graft predict <model> <data or images…>`. */
export const predictVerb: Verb = defineVerb({
  name: "predict",
  summary: "name the class of each picture",
  words: "<model> <data or images...>",
  count: [2, Infinity],
  flags: {
    ...DATA_FLAGS,
    ...LOAD_FLAGS,
    top: numberFlag("K", "classes to name for each picture", { min: 1, whole: true }, 3),
    ...REJECT_FLAG,
  },
  permissions: "--allow-read=<model>,<files>",
  examples: [
    "graft predict clothes.safetensors new.csv",
    "graft predict m.safetensors a.jpg b.png --top 1",
    "graft predict m.safetensors holidays/ --json",
    "graft predict m.safetensors holidays/ --reject 0.05",
  ],
  async run(context) {
    const { words: [path, ...sources], flags, signal, onProgress, page, note } = context;
    const batches: Batch[] = [];
    await checkOrder(path, sources[0]);
    for (const source of sources) {
      await checkReadable(source);
      const last = batches.at(-1);
      if (!await isPicture(source, { signal })) {
        batches.push({
          files: [source],
          table: await openData(source, context, { withoutLabels: true }),
        });
      } else if (last && !last.table) last.files.push(source);
      else batches.push({ files: [source] });
    }
    const { top, reject } = flags;
    using model = await openModel(path, context);
    const answers: { file: string; row: number; prediction: Prediction }[] = [];
    const skipped: SkippedFile[] = [];
    const left: SkippedFile[] = []; // of those, the ones that nothing was said about yet
    const asked = { top, reject, onProgress, signal };
    for (const { files, table } of batches) {
      if (table !== undefined) {
        skipped.push(...table.skipped);
        for (const [i, prediction] of (await model.predict(table, asked)).entries()) {
          answers.push(
            table.hasFiles
              ? { file: table.name(i), row: 1, prediction }
              : { file: files[0], row: i + 1, prediction },
          );
        }
        continue;
      }
      // One picture that cannot be read is an error; of several, the others have their answers.
      if (sources.length === 1 || flags["on-error"] === "stop") {
        const predictions = await model.predict(files, asked);
        answers.push(...files.map((file, i) => ({ file, row: 1, prediction: predictions[i] })));
        continue;
      }
      const told = await predictFiles(model, files, asked);
      answers.push(...told.answers.map((answer) => ({ ...answer, row: 1 })));
      skipped.push(...told.skipped);
      left.push(...told.skipped);
    }
    leftOutLines({ length: answers.length, skipped: left, passedOver: 0 }, { all: true })
      .forEach(note);
    if (answers.length === 0 && skipped.length > 0) throw noneReadable(skipped);
    if (reject !== undefined) {
      const turned = answers.filter(({ prediction }) => prediction.unknown).length;
      note(
        `${turned} of ${count(answers.length, "picture")} ${turned === 1 ? "is" : "are"} unknown`,
      );
    }
    const shown = Math.min(top, model.classes.length);
    const header = Array.from(
      { length: shown },
      (_, k) => ["class", "probability"].map((name) => k === 0 ? name : `${name} ${k + 1}`),
    ).flat();
    const verdict = reject === undefined ? [] : ["answer", "strangeness"];
    const oneFile = batches.length === 1 && batches[0].table?.hasFiles === false;
    // A picture file has one row.
    const onlyFiles = batches.every(({ table }) => table === undefined || table.hasFiles);
    const rows = answers.map(({ file, row, prediction }) => [
      ...oneFile ? [] : [file],
      ...onlyFiles ? [] : [row],
      ...reject === undefined ? [] : [prediction.label, prediction.strangeness!.toFixed(2)],
      ...prediction.top.flatMap(({ label, probability }) => [label, probability.toFixed(4)]),
    ]);
    const columns = [
      ...oneFile ? [] : ["file"],
      ...onlyFiles ? [] : ["row"],
      ...verdict,
      ...header,
    ];
    return {
      text: tableLines(columns, rows, { page }).join("\n"),
      json: {
        model: path,
        classes: model.classes,
        predictions: answers.map(({ file, row, prediction }) => ({ file, row, ...prediction })),
        skipped: skipped.map(({ name, reason }) => ({ file: name, reason })),
      },
    };
  },
});

/** @throws {UserError} When a picture stands where the model should, and a model where pictures should. */
async function checkOrder(path: string, source: string): Promise<void> {
  if (/^https?:/i.test(path)) return; // whoever loads it says what it is
  await checkReadable(path);
  // In this order: a pipe, which can be read once only, is looked into where there is nothing to predict anyway.
  if (!await isPicture(path).catch(() => false) || !await holdsTensors(source)) return;
  throw new UserError(
    `Cannot predict: ${path} is a picture; give the model first, then the pictures: graft predict ${source} ${path}`,
  );
}

function noneReadable(skipped: readonly SkippedFile[]): UserError {
  const [{ name, reason }] = skipped;
  return new UserError(
    `Cannot predict: none of the ${skipped.length} pictures can be read: the first one, ${name}: ${reason}`,
  );
}
