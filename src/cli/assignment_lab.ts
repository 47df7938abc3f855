/** The last part of `graft lab`: its assignment, on pictures of any kind. @module */

import { shownSource } from "../core/shown_source.ts";
import { backend } from "../backend/mod.ts";
import { prepareAssignment } from "../classifier/assignment/assignment_data.ts";
import { runAssignment } from "../classifier/assignment/run_assignment.ts";
import { sampleViews } from "../classifier/assignment/views.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { ASSIGNMENT_FILES, assignmentPage } from "./assignment_page.ts";
import { assignmentJson, assignmentText } from "./assignment_result.ts";
import { type LabContext, startLab } from "./lab_flags.ts";
import { openReportFolder } from "./report_folder.ts";
import { datasetLine } from "./reports.ts";
import type { Result } from "./verb.ts";

/** Runs it. */
export async function assignmentLab(data: ImageDataset, context: LabContext): Promise<Result> {
  const { words: [source], flags, signal, onProgress, note, detail, page } = context;
  const { weights: name, epochs, seed, out } = flags;
  const { train } = prepareAssignment(data); // what does not fit is told before weights are loaded
  await using folder = out === undefined
    ? undefined
    : await openReportFolder(out, ASSIGNMENT_FILES, { inputs: [source, name], note });
  detail(datasetLine(data));
  const { labWeights } = await startLab(context);
  const assignment = await runAssignment(data, labWeights, {
    ...epochs !== undefined && { epochs: { extraction: epochs, fineTuning: epochs } },
    imageSize: flags["image-size"],
    seed,
    signal,
    onProgress,
  });
  const { sha256, variant } = labWeights;
  const result = {
    source: shownSource(source),
    assignment,
    weights: { source: labWeights.source, sha256, variant },
  };
  const written = folder === undefined ? [] : [
    await folder.write(
      "assignment.html",
      await assignmentPage(result, await sampleViews(train, { seed })),
    ),
  ];
  return {
    text: [
      assignmentText(result, page),
      ...written.length === 0 ? [] : ["", `written: ${written.join(", ")}`],
    ].join("\n"),
    json: { ...assignmentJson(result), backend: backend(), out: written },
  };
}
