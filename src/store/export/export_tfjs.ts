/** A kept model as a graph model of tfjs. @module */
import { joinBytes } from "../../core/join_bytes.ts";
import { VERSION } from "../../core/version.ts";
import { GRAPH_INPUT, GRAPH_OUTPUTS } from "../../model/graph_node.ts";
import type { SavedModel } from "../bundle.ts";
import { type GraphExportOptions, modelGraph } from "./model_graph.ts";
import { writeTfjsGraph } from "./tfjs_graph.ts";
import { tfjsShape, type TfjsType } from "./tfjs_messages.ts";

/** Bytes of a shard: what browsers cache well, as tfjs's own converter has it. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * The network of a model as a graph model of tfjs: the files of one folder, which `tf.loadGraphModel(".../model.json")` of any
 * `@tensorflow/tfjs` 4 loads and runs on any backend.
 *
 * It takes `images`, float32 `[n, size, size, 3]`: red, green and blue from 0 to 255, as `tf.browser.fromPixels(…).toFloat()` gives
 * them. Scaling to that size is left to the caller, since tfjs has no scaling that equals PIL's and graft's. Normalisation is in the
 * graph. `predict` gives `{ probabilities, logits }` (logits before the temperature of a calibrated model divides them), `[n,
 * classes]`. `userDefinedMetadata` in `model.json` has `classes`, `input` (how to scale) and `graft` (the manifest).
 *
 * tfjs widens 16-bit floats when it loads them. Of `"int8"` it gets whole numbers, which the graph multiplies by their scales at
 * every call: a smaller download, not a faster network.
 *
 * @returns The files' bytes by name: `model.json` and `group1-shard1of4.bin` and so on. The same model gives the same bytes.
 * @throws {UserError} When the model's checkpoint is needed and missing, or is another one, or the model was rounded to another
 * type before.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample, exportTfjs, loadModel } from "../../../mod.ts";
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await model.fit(drawSample({ rows: 60 }));
 * const kept = await loadModel(await model.toBytes()); // or: a path, an address
 * const files = exportTfjs(kept, { dtype: "f16" });
 * if (!files.has("model.json")) throw new Error([...files.keys()].join());
 * ```
 */
export function exportTfjs(
  model: SavedModel,
  options: GraphExportOptions = {},
): Map<string, Uint8Array> {
  const { graph, text, metadata } = modelGraph(model, options);
  const { nodes, weights, pieces } = writeTfjsGraph(graph);
  const shards = divide(pieces);
  const paths = shards.map((_, i) => `group1-shard${i + 1}of${shards.length}.bin`);
  const info = (name: string, sizes: readonly number[]) => {
    const dtype: TfjsType = "DT_FLOAT";
    return [name, { name: `${name}:0`, dtype, tensorShape: tfjsShape(sizes) }] as const;
  };
  const { size, classes } = graph;
  const json = {
    format: "graph-model",
    generatedBy: `graft ${VERSION}`,
    convertedBy: null,
    modelTopology: { node: nodes, library: {}, versions: { producer: 1, minConsumer: 1 } },
    signature: {
      inputs: Object.fromEntries([info(GRAPH_INPUT, [-1, size, size, 3])]),
      outputs: Object.fromEntries(GRAPH_OUTPUTS.map((name) => info(name, [-1, classes]))),
    },
    userDefinedMetadata: {
      structuredOutputKeys: GRAPH_OUTPUTS, // makes `predict` give results by name
      text,
      ...Object.fromEntries(
        Object.entries(metadata).map(([key, value]) => [key, JSON.parse(value)]),
      ),
    },
    weightsManifest: [{ paths, weights }],
  };
  const files = new Map<string, Uint8Array>();
  files.set("model.json", new TextEncoder().encode(JSON.stringify(json)));
  shards.forEach((shard, i) => files.set(paths[i], shard));
  return files;
}

/** All pieces back to back, cut into shards. */
function divide(pieces: readonly Uint8Array[]): Uint8Array[] {
  const whole = joinBytes(pieces);
  return Array.from(
    { length: Math.ceil(whole.length / SHARD_BYTES) },
    (_, i) => whole.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  );
}
