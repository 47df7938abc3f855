/** From a model and its data to all that a report tells. @module */

import { shownSource } from "../../core/shown_source.ts";
import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { checkModelAndData } from "../../classifier/check_classifier.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import { SAVE_KINDS, type SaveOptions } from "../../classifier/options.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { interpret, INTERPRET_KINDS, type InterpretOptions } from "../interpret.ts";
import { gatherPictures } from "./gather_pictures.ts";
import type { ReportData, ReportedData, ReportedModel } from "./report_data.ts";
import { withoutFingerprints } from "../../store/manifest.ts";

/** Options of {@linkcode gatherReport}. */
export interface GatherReportOptions extends InterpretOptions {
  /** What the report is on. @default {"the model"} */
  readonly name?: string;
  /** What the model's file says of it. @default {@linkcode Classifier.describe} with `told` */
  readonly model?: ReportedModel;
  /** What is to be told of the model's making. @default nothing but what the model knows */
  readonly told?: SaveOptions;
  /**
   * What is known of the data; the rest follows from them.
   *
   * @default with `train` they are taken for the test part that belongs to it, else nothing is known
   */
  readonly about?: Partial<ReportedData>;
  /** What else is to be known, as sentences. @default none */
  readonly notes?: readonly string[];
}

/** Of {@linkcode GatherReportOptions}. */
const KINDS: OptionKinds<GatherReportOptions> = {
  ...INTERPRET_KINDS,
  name: "string",
  model: "any",
  told: SAVE_KINDS,
  about: "any",
  notes: "list",
};

/**
 * Looks at a trained model with {@linkcode interpret} and gathers what it takes for `reportPage`, `reportMarkdown` and `reportJson`:
 * also the pictures that are shown. Leaves no tensor behind.
 *
 * @param data Labelled pictures that the model was not trained on.
 * @throws {UserError} As `interpret` does, and when a picture cannot be decoded.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample, gatherReport, reportPage } from "../../../mod.ts";
 * const { train, test } = drawSample({ rows: 120 }).split();
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await model.fit(train);
 * const page = reportPage(await gatherReport(model, test, { train, name: "clothes" }));
 * if (!page.includes("Of 12 pictures that it was not trained on")) throw new Error(page);
 * // await Deno.writeTextFile("report.html", page);
 * ```
 */
export async function gatherReport(
  model: Classifier,
  data: ImageDataset,
  options: GatherReportOptions = {},
): Promise<ReportData> {
  const taker = { action: "report", method: "gatherReport" };
  checkModelAndData({ model, data }, taker);
  checkOptions(options, KINDS, taker);
  const { name = "the model", about, notes, train, onProgress, signal } = options;
  const told = withoutFingerprints(options.model ?? describeReported(model, options.told));
  const { model: _model, told: _told, name: _name, about: _about, notes: _notes, ...asked } =
    options;
  const interpretation = await interpret(model, data, asked);
  const { cropSize, resizeSize } = told.preprocessing;
  const pictures = await gatherPictures(data, interpretation, {
    train: train?.withClasses(model.classes),
    cropped: told.fit === "crop" ? cropSize / resizeSize : undefined,
    onProgress,
    signal,
  });
  const trained = train?.length ?? 0;
  return {
    name,
    model: told,
    data: {
      name: fileName(data.source),
      pictures: data.length + trained,
      scored: data.length,
      standing: train === undefined ? "unknown" : "test",
      trained,
      ...about,
    },
    interpretation,
    pictures,
    notes,
  };
}

/**
 * What a report tells of a model that is in no file.
 *
 * @throws {UserError} When it was not trained.
 */
export function describeReported(model: Classifier, told: SaveOptions = {}): ReportedModel {
  const description = withoutFingerprints(model.describe(told));
  const { kind, columns, mean, details } = model.head!;
  return { ...description, head: { kind, columns, standardised: mean !== undefined, details } };
}

/** A path's or address's last part: where the data lay is nobody's business. */
export function fileName(source: string): string {
  return shownSource(source).split(/[\\/]/).findLast((part) => part !== "") ?? source;
}
