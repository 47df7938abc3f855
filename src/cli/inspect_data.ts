/** What `graft inspect` does with data. @module */

import { shownSource } from "../core/shown_source.ts";
import { AUDIT_STAGES, auditFeatures } from "../audit/audit_features.ts";
import { auditPictures } from "../audit/audit_pictures.ts";
import { type PartOfRow, partOfRow } from "../audit/part_of_row.ts";
import { makeThumbnails } from "../audit/thumbnails.ts";
import { UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { AUDIT_FILES, auditPage, auditSheets } from "./audit_page.ts";
import { auditJson, type AuditResult, auditText } from "./audit_result.ts";
import { DATA_FLAGS, openData } from "./data_flags.ts";
import { type FlagTable, textFlag } from "./flags.ts";
import { MODEL_FLAGS } from "./model_flags.ts";
import { checkWeights, createModel } from "./models.ts";
import { openReportFolder } from "./report_folder.ts";
import { SPLIT_FLAGS, splitRows } from "./split_flags.ts";
import type { Context, Result } from "./verb.ts";

/** Flags of `graft inspect` that are about data. */
export const INSPECT_FLAGS = {
  ...DATA_FLAGS,
  ...SPLIT_FLAGS,
  weights: textFlag(
    "NAME|PATH|URL",
    "data: a checkpoint, to find nearly equal pictures and labels that are likely wrong, too",
  ),
  variant: MODEL_FLAGS.variant,
  "image-size": MODEL_FLAGS["image-size"],
  out: textFlag("FOLDER", "data: where to write a page with the pictures that were found"),
} satisfies FlagTable;

/** Looks at every picture, with `--weights` through a network, too. */
export async function inspectData(
  source: string,
  context: Context<typeof INSPECT_FLAGS>,
): Promise<Result> {
  const { flags, signal, onProgress, note } = context;
  const { weights: name, out } = flags;
  if (name !== undefined) await checkWeights(name);
  await using folder = out === undefined
    ? undefined
    : await openReportFolder(out, AUDIT_FILES, { inputs: [source, name], note });
  const data = await openData(source, context, {
    withoutLabels: true,
    noteLabels: true,
    listsLeftOut: true,
  });
  const pictures = await auditPictures(data, {
    parts: partsOf(data, context),
    onProgress,
    signal,
  });
  let result: AuditResult = { source: shownSource(source), pictures };
  if (name !== undefined) {
    const used = { ...context, flags: { ...flags, weights: name, stages: AUDIT_STAGES } };
    using model = await createModel(used);
    const features = await model.features(data, { onProgress, signal });
    const { source, sha256, variant } = model.trunk.weights;
    result = {
      ...result,
      weights: { source, sha256, variant },
      features: await auditFeatures(pictures, features, {
        randomState: flags["random-state"],
        onProgress,
        signal,
      }),
    };
  }
  const written: string[] = [];
  if (folder !== undefined) {
    const sheets = auditSheets(result);
    const rows = sheets.flatMap(({ groups }) => groups.flatMap((group) => group.rows));
    const thumbnails = await makeThumbnails(data, rows, { onProgress, signal });
    written.push(await folder.write("audit.html", auditPage(result, sheets, thumbnails)));
  }
  return {
    text: [auditText(result, context.page), ...written.map((path) => `\nwritten: ${path}`)].join(
      "\n",
    ),
    json: { ...auditJson(result), out: written },
  };
}

/** The parts that the pictures came in, unless a size is asked for; else those of the split that training would make. */
function partsOf(
  data: ImageDataset,
  { flags, note }: Pick<Context<typeof INSPECT_FLAGS>, "flags" | "note">,
): PartOfRow | undefined {
  const testSize = flags["test-size"];
  if (testSize === 0) return undefined;
  if (data.parts !== undefined && testSize === undefined) {
    const { train, validation, test } = data.parts;
    return partOfRow({ train, validation, test }, data.length);
  }
  try {
    const { train, test } = splitRows(data, flags);
    return partOfRow({ train, test }, data.length);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(`no split was looked at: ${error.message}`); // the rest can be told all the same
    return undefined;
  }
}
