/** What a report is asked on. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { divideAgain } from "../insight/report/divide_again.ts";
import { fileName, gatherReport } from "../insight/report/gather_report.ts";
import type { ReportData, ReportedModel } from "../insight/report/report_data.ts";
import { reportRun } from "../insight/report/report_run.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { loadModel } from "../store/bundle.ts";
import { holdsTensors } from "./holds_tensors.ts";
import { CHECKPOINT_FILE, checkpointFolder } from "../store/checkpoint.ts";
import { VERSION } from "../core/version.ts";

/**
 * A kept model, or a folder that a training run is kept in.
 *
 * @throws {UserError} When it is neither, or damaged.
 */
export async function readSubject(path: string, options: ProgressOptions): Promise<ReportData> {
  const name = fileName(path);
  const kind = await kindOf(path);
  if (kind === "file" && !await holdsTensors(path)) {
    throw new UserError(
      `Cannot report on ${path}: it is no model; give the model first, then the data`,
    );
  }
  if (kind !== "folder") return { name, model: (await loadModel(path, options)).manifest };
  const state = await checkpointFolder(path.replace(/[/\\]+$/, "")).load();
  if (state !== undefined) return { name, run: reportRun(state.progress, VERSION) };
  throw new UserError(
    `Cannot report on ${path}: it is a folder without ${CHECKPOINT_FILE}; give a model, or the folder of graft train --checkpoint`,
  );
}

/** What lies there; of an address, and where nothing does, the reader of models says what is wrong with it. */
async function kindOf(path: string): Promise<"file" | "folder" | "other"> {
  if (/^(https?|file):/i.test(path)) return "other";
  return await Deno.stat(path).then(
    ({ isDirectory }) => isDirectory ? "folder" : "file",
    () => "other",
  );
}

/**
 * The model looked at on data: on the rows that it was not trained on, where they are those it was trained on, else on all.
 *
 * @param model Opened.
 * @param subject What its file tells.
 */
export async function lookAtData(
  model: Classifier,
  subject: ReportData & { readonly model: ReportedModel },
  data: ImageDataset,
  options: ProgressOptions,
): Promise<ReportData> {
  const { standing, test, train, sha256 } = await divideAgain(data, subject.model.split);
  const source = fileName(data.source);
  if (test.length === 0) {
    const note =
      `All pictures of ${source} were trained on: none of them can tell how good the model is.`;
    return { ...subject, notes: [note] };
  }
  return await gatherReport(model, data.subset(test), {
    name: subject.name,
    model: subject.model,
    train: train.length === 0 ? undefined : data.subset(train),
    about: { name: source, pictures: data.length, standing, sha256 },
    ...options,
  });
}
