/** What `graft inspect` finds in files of tensors. @module */

import { count } from "../core/count.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { checkTrunkTensors } from "../model/parameters.ts";
import { summary, summaryRows, transforms } from "../model/summary.ts";
import { loadModel } from "../store/bundle.ts";
import { withoutFingerprints } from "../store/manifest.ts";
import { metadataValues } from "../train/feature_cache.ts";
import { checkpointOfHash, findCheckpoint } from "../weights/checkpoints.ts";
import { loadWeights, readWeightsFile } from "../weights/load.ts";
import { readTensorFile } from "../weights/tensor_file.ts";
import { VARIANTS } from "../weights/variants.ts";
import { modelText } from "./model_text.ts";
import type { Page } from "./page.ts";
import type { Result } from "./verb.ts";

/** Tensors of a file, with what tells the file apart. */
type Tensors = Awaited<ReturnType<typeof readTensorFile>>["tensors"];

/** A checkpoint, a kept model, or kept features. */
export async function inspectTensors(
  source: string,
  { page, onProgress, signal, detail }: ProgressOptions & {
    readonly page: Page;
    readonly detail: (line: string) => void;
  },
): Promise<Result> {
  const options = { onProgress, signal }; // those that read refuse what else is in a verb's context
  if (findCheckpoint(source) !== undefined) {
    const { tensors, sha256, variant, notes, details } = await loadWeights(source, options);
    details?.forEach(detail);
    return inspectWeights(source, { tensors, sha256, variant, notes });
  }
  const file = await readWeightsFile(source, options);
  const { bytes, sha256, name } = file;
  const { tensors, metadata, notes = [], details } = await readTensorFile(bytes, name);
  details?.forEach(detail);
  if (metadata.graft !== undefined) return await inspectModel(name, bytes, page);
  if (metadata.datasetSha256 !== undefined) return inspectFeatures(name, tensors, metadata);
  const variant = checkpointOfHash(sha256)?.variant;
  return inspectWeights(name, { tensors, sha256, variant, notes: [...file.notes, ...notes] });
}

function inspectWeights(
  source: string,
  { tensors, sha256, variant, notes }: {
    readonly tensors: Tensors;
    readonly sha256: string;
    readonly variant: keyof typeof VARIANTS | undefined;
    readonly notes: readonly string[];
  },
): Result {
  const known = checkpointOfHash(sha256);
  const { padding, preprocessing } = VARIANTS[variant ?? "torchvision"];
  const obstacle = whyNoTrunk(tensors, source);
  const classes = tensors.get("classifier.1.weight")?.shape[0] ?? null;
  const family = variant ?? "not told by its content; say --variant torchvision or google";
  return {
    text: [
      `${source}: weights, ${tensors.size} tensors`,
      `SHA-256  ${sha256}`,
      `known as ${known === undefined ? "nothing" : `${known.name}: ${known.description}`}`,
      `family   ${family}`,
      ...notes.map((note) => `note     ${note}`),
      "",
      ...obstacle === undefined
        ? [summary({ padding, classes }), "", transforms(preprocessing)]
        : [`no trunk: ${obstacle}`],
    ].join("\n"),
    json: {
      kind: "weights",
      source,
      sha256,
      known: known?.name ?? null,
      variant: variant ?? null,
      tensors: Object.fromEntries(
        [...tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
      ),
      layers: obstacle === undefined ? summaryRows({ padding, classes }) : null,
      preprocessing: obstacle === undefined ? preprocessing : null,
      obstacle: obstacle ?? null,
      notes,
    },
  };
}

/** Why the tensors are not those of the network, or undefined where they are. */
function whyNoTrunk(tensors: Tensors, source: string): string | undefined {
  try {
    checkTrunkTensors(tensors, source);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

async function inspectModel(
  source: string,
  bytes: Uint8Array,
  page: Page,
): Promise<Result> {
  const { manifest } = await loadModel(bytes);
  return {
    text: modelText(source, manifest, page),
    json: { kind: "model", source, ...withoutFingerprints(manifest) },
  };
}

function inspectFeatures(
  source: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
): Result {
  const shape = tensors.get("features")?.shape;
  if (shape?.length !== 2) {
    throw new UserError(`Cannot inspect ${source}: it has no matrix "features"; make it again`);
  }
  const [rows, columns] = shape;
  const labels = tensors.has("labels") ? "with labels" : "without labels";
  return {
    text: [
      `${source}: features of ${count(rows, "picture")}, ${columns} each, ${labels}`,
      ...Object.entries(metadata).map(([name, value]) => `${name.padEnd(14)} ${value}`),
    ].join("\n"),
    json: {
      ...{ kind: "features", source, rows, columns, labels: tensors.has("labels") },
      ...metadataValues(metadata),
    },
  };
}
