/** `graft export`: a kept model smaller, or for other programs. @module */

import { resolveWeights } from "../../classifier/resolve_weights.ts";
import { writeAllAtomically } from "../../core/atomic_write.ts";
import { UsageError, UserError } from "../../core/errors.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { fileName } from "../../insight/report/gather_report.ts";
import { loadModel, type SavedModel, trunkWeights } from "../../store/bundle.ts";
import { networkDType } from "../../store/export/choose_dtype.ts";
import { exportOnnx } from "../../store/export/export_onnx.ts";
import { exportSafetensors } from "../../store/export/export_safetensors.ts";
import { exportTfjs } from "../../store/export/export_tfjs.ts";
import type { GraphExportOptions } from "../../store/export/model_graph.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { LoadedWeights } from "../../weights/load.ts";
import { WEIGHT_DTYPES } from "../../weights/quantise.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { effectLines, type ExportEffect, measureEffect } from "../export_effect.ts";
import { choiceFlag, switchFlag, textFlag } from "../flags.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { checkWeights } from "../models.ts";
import { openOutput } from "../output_files.ts";
import { checkReadable } from "../paths.ts";
import { seenPictures } from "../seen_pictures.ts";
import { type Context, defineVerb, type Verb } from "../verb.ts";

const { format: DATA_FORMAT, ...OTHER_DATA_FLAGS } = DATA_FLAGS;

const EXPORT_FLAGS = {
  format: choiceFlag(
    ["safetensors", "onnx", "tfjs"],
    "what to write: a model for graft, a file for onnxruntime, or a folder for @tensorflow/tfjs (default: onnx for a " +
      "file of that name, else safetensors)",
  ),
  dtype: choiceFlag(
    WEIGHT_DTYPES,
    "how to keep the weights: as they are, as 16-bit floats, or as 8-bit numbers with a scale per channel (default: " +
      "as the model keeps them)",
  ),
  "head-only": switchFlag(
    "leave the trunk out; the file then needs the checkpoint that it was trained on",
  ),
  out: textFlag("PATH", "where to write it, needed; with --format tfjs a folder"),
  ...LOAD_FLAGS,
  "data-format": DATA_FORMAT,
  ...OTHER_DATA_FLAGS,
};

type ExportContext = Context<typeof EXPORT_FLAGS>;

/** `graft export <model> [<data>]`. */
export const exportVerb: Verb = defineVerb({
  name: "export",
  summary: "write a kept model smaller, or for onnxruntime or tfjs, and say what that costs",
  words: "<model> [<data>]",
  count: [1, 2],
  flags: EXPORT_FLAGS,
  permissions:
    "--allow-read=<model>,<data>,<weights file>,<folder of out>; --allow-write=<folder of out>; --allow-net=<host> for a model, data or weights at an address",
  examples: [
    "graft export clothes.safetensors more_clothes.csv --dtype int8 --out small.safetensors",
    "graft export clothes.safetensors --dtype f16 --head-only --out head.safetensors",
    "graft export clothes.safetensors --format onnx --out clothes.onnx",
    "graft export clothes.safetensors --format tfjs --dtype f16 --out web/clothes",
  ],
  async run(context) {
    const { flags, words: [path, source], signal, onProgress, note } = context;
    const { out } = flags;
    if (out === undefined) throw new UsageError("--out is needed: --out PATH");
    const format = formatFor(out, flags.format);
    if (flags["head-only"] && format !== "safetensors") {
      throw new UsageError(`--head-only belongs to --format safetensors, not to ${format}`);
    }
    refuseDataFlags(context);
    await checkReadable(path);
    if (flags.weights !== undefined) await checkWeights(flags.weights);
    const inputs = [path, source, flags.weights];
    await using output = await openOutput(out, { isFolder: format === "tfjs", inputs, note });
    const data = source === undefined ? undefined : await openData(source, {
      ...context,
      flags: { ...flags, format: flags["data-format"] },
    });

    const saved = await loadModel(path, { onProgress, signal });
    const { split } = saved.manifest;
    const seen = data && await seenPictures(data, { split, model: path });
    if (seen?.note !== undefined) note(seen.note);
    const weights = await givenWeights(saved, context);
    const graph = { dtype: flags.dtype, weights };
    const headOnly = flags["head-only"];
    const kept = await exportSafetensors(saved, { ...graph, headOnly });
    const { manifest: { dtype, trunk } } = await loadModel(kept);
    const files = exportFiles(saved, format, kept, graph);
    const effect = await effectOf({ saved, kept, dtype, trunk, weights, data }, context);
    // The file that readers begin with comes last.
    await writeAllAtomically(
      [...files].reverse().map(([name, content]) => [output.pathOf(name), content]),
    );

    const sizes = [...files].map(([name, content]) => ({
      name: name || fileName(out),
      bytes: content.length,
    }));
    const bytes = sizes.reduce((sum, file) => sum + file.bytes, 0);
    const count = files.size === 1 ? "" : ` in ${files.size} files`;
    const what = `${format}, ${dtype}, ${trunk === "absent" ? "the head only, " : ""}`;
    const lines = effect === null ? [] : effectLines(effect);
    return {
      text: [`written   ${out}: ${what}${sizeText(bytes)}${count}`, ...lines].join("\n"),
      json: { out, format, dtype, headOnly, bytes, files: sizes, effect },
    };
  },
});

type Format = NonNullable<ExportContext["flags"]["format"]>;

/** What to write, by the flag or by the name of the file. @throws {UsageError} When they contradict each other. */
function formatFor(out: string, asked: Format | undefined): Format {
  const ending = /\.(safetensors|onnx)$/i.exec(out)?.[1].toLowerCase() as Format | undefined;
  if (asked === undefined || ending === undefined || asked === ending) {
    return asked ?? ending ?? "safetensors";
  }
  throw new UsageError(`--format ${asked} does not go with --out ${out}; leave one out`);
}

/** The files to write by name; a single one has none. */
function exportFiles(
  saved: SavedModel,
  format: Format,
  kept: Uint8Array,
  options: GraphExportOptions,
): ReadonlyMap<string, Uint8Array> {
  if (format === "tfjs") return exportTfjs(saved, options);
  return new Map([["", format === "onnx" ? exportOnnx(saved, options) : kept]]);
}

/** What was exported, and what it was made from. */
interface Exported extends Pick<Manifest, "dtype" | "trunk"> {
  readonly saved: SavedModel;
  /** The export as graft keeps it; the other formats hold the same numbers. */
  readonly kept: Uint8Array;
  readonly weights: LoadedWeights | undefined;
  readonly data: ImageDataset | undefined;
}

/** What became of the answers; `null` where nothing was rounded and nobody asked for an accuracy. */
async function effectOf(
  { saved, kept, dtype, trunk, weights, data }: Exported,
  { flags: { threads }, onProgress, signal, note }: ExportContext,
): Promise<ExportEffect | null> {
  const { manifest } = saved;
  const isRounded = dtype !== (trunk === "absent" ? manifest.dtype : networkDType(manifest));
  if (!isRounded && data === undefined) return null;
  if (manifest.trunk === "absent" && weights === undefined) {
    note("the answers were not compared: that needs the checkpoint, too; give it with --weights");
    return null;
  }
  const before = { bytes: await exportSafetensors(saved, { weights }) };
  const checkpoint = trunk === "absent" ? trunkWeights(saved, weights) : undefined;
  const after = isRounded ? { bytes: kept, weights: checkpoint } : undefined;
  return await measureEffect(before, after, { data, threads, onProgress, signal });
}

/** The checkpoint, where the model was kept without it and it was given. @throws {UserError} Where it has no use. */
async function givenWeights(
  { manifest: { trunk, variant } }: SavedModel,
  { flags: { weights }, onProgress, signal }: ExportContext,
): Promise<LoadedWeights | undefined> {
  if (weights === undefined) return undefined;
  // Of another family they are other weights, which is told where they are used.
  if (trunk === "absent") {
    return await resolveWeights(weights, { assumedVariant: variant, onProgress, signal });
  }
  throw new UserError(
    "Cannot use other weights: the model was kept with those it was trained on; leave out --weights",
  );
}

/** @throws {UsageError} For flags that say how to read data where there are none. */
function refuseDataFlags({ words, flags }: ExportContext): void {
  if (words.length > 1) return;
  const names = ["data-format", ...Object.keys(OTHER_DATA_FLAGS)] as (keyof typeof EXPORT_FLAGS)[];
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return;
  throw new UsageError(`--${given.join(" and --")} belongs to data: graft export <model> <data>`);
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
