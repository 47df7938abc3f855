/** The first part of `graft lab`: the lab as written, beside graft's default on the same pictures. @module */

import { shownSource } from "../core/shown_source.ts";
import { backend } from "../backend/mod.ts";
import { runDefault } from "../classifier/lab/compare.ts";
import { prepareLabData } from "../classifier/lab/lab_data.ts";
import { runLab } from "../classifier/lab/run_lab.ts";
import { UsageError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { type LabContext, startLab } from "./lab_flags.ts";
import { LAB_FILES, labFiles, labJson, labText } from "./lab_result.ts";
import { openReportFolder } from "./report_folder.ts";
import { datasetLine } from "./reports.ts";
import type { Result } from "./verb.ts";

/** Runs it on grey pictures of 28 x 28. */
export async function fashionLab(data: ImageDataset, context: LabContext): Promise<Result> {
  const { words: [source], flags, signal, onProgress, note, detail, page } = context;
  const { weights: name, epochs, seed, out } = flags;
  if (flags["image-size"] !== undefined) {
    throw new UsageError(
      "--image-size is for the assignment; the first part of the lab leaves its grey pictures of 28 x 28 as they are",
    );
  }
  prepareLabData(data); // what does not fit is told before weights are loaded
  await using folder = out === undefined
    ? undefined
    : await openReportFolder(out, LAB_FILES, { inputs: [source, name], note });
  detail(datasetLine(data));
  const { weights, labWeights } = await startLab(context);
  const lab = await runLab(data, labWeights, { epochs, seed, signal, onProgress });
  const graft = await runDefault(data, weights, { signal, onProgress });
  const { sha256, variant } = weights;
  const result = {
    source: shownSource(source),
    lab,
    graft,
    weights: { source: weights.source, sha256, variant },
  };

  const written: string[] = [];
  if (folder !== undefined) {
    const files = labFiles(result);
    for (const file of LAB_FILES) written.push(await folder.write(file, files[file]));
  }
  return {
    text: [
      labText(result, page),
      ...written.length === 0 ? [] : ["", `written: ${written.join(", ")}`],
    ].join("\n"),
    json: { ...labJson(result), backend: backend(), out: written },
  };
}
