/** A kept model as a graph, and what exports say of it. @module */
import { checkSaved } from "./check_saved.ts";
import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { VERSION } from "../../core/version.ts";
import type { InferenceGraph } from "../../model/graph_node.ts";
import { inferenceGraph } from "../../model/inference_graph.ts";
import type { LoadedWeights } from "../../weights/load.ts";
import type { WeightDType } from "../../weights/quantise.ts";
import { type SavedModel, trunkWeights } from "../bundle.ts";
import { chooseDType, networkDType } from "./choose_dtype.ts";

/** Options of the exports that hold the whole network. */
export interface GraphExportOptions {
  /**
   * How kernels and matrices are kept, see `quantise`; the numbers are those of the model kept as safetensors in the same type.
   *
   * @default that of the model where it holds its trunk, else "f32"
   */
  readonly dtype?: WeightDType;
  /** The checkpoint that the model was trained on, for one that was kept without it. */
  readonly weights?: LoadedWeights;
}

/** Of {@linkcode GraphExportOptions}. */
export const EXPORT_KINDS: OptionKinds<GraphExportOptions> = { dtype: "string", weights: "any" };

/** A graph with what belongs beside it. */
export interface ModelGraph {
  /** The network. */
  readonly graph: InferenceGraph;
  /** What people should know to use it. */
  readonly text: string;
  /** The same for programs: JSON by key. */
  readonly metadata: Readonly<Record<"classes" | "input" | "graft", string>>;
}

/**
 * The graph of a model.
 *
 * @throws {UserError} When its checkpoint is needed and missing, or is another one, or the model was rounded to another type.
 */
export function modelGraph(
  model: SavedModel,
  options: GraphExportOptions,
): ModelGraph {
  checkSaved(model);
  checkOptions(options, EXPORT_KINDS, { action: "export the model", method: "the export" });
  const { dtype: wanted, weights: given } = options;
  const { manifest, head } = model;
  const { stages, imageSize: size, preprocessing, calibration, classes, fit } = manifest;
  const dtype = chooseDType(networkDType(manifest), wanted);
  const graph = inferenceGraph({
    weights: trunkWeights(model, given),
    head,
    stages,
    size,
    preprocessing,
    temperature: calibration?.temperature ?? 1,
    dtype,
  });
  const { interpolation, resizeSize, cropSize } = preprocessing;
  const input = {
    layout: "NHWC",
    channels: "RGB",
    range: [0, 255],
    size,
    fit,
    interpolation,
    antialias: true,
    ...fit === "crop" ? { resize: size * resizeSize / cropSize } : {},
  };
  return {
    graph,
    text: `EfficientNet-B0 with ${classes.length} classes, made by graft ${VERSION}. ` +
      `images: [pictures, ${size}, ${size}, 3], red, green and blue from 0 to 255, ` +
      (fit === "whole" ? "scaled whole" : "the shorter side scaled, the middle cut out") +
      ` (${interpolation}, antialiased); the graph normalises them itself.`,
    metadata: {
      classes: JSON.stringify(classes),
      input: JSON.stringify(input),
      graft: JSON.stringify({ ...manifest, dtype }),
    },
  };
}
