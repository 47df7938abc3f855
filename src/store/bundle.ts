/** A trained model as one safetensors file. @module */
import { writeAtomically, type WriteOutcome } from "../core/atomic_write.ts";
import { checkPath } from "../core/check_path.ts";
import { UserError } from "../core/errors.ts";
import { bytesOf, type FileBytes, holdsBytes } from "../core/given_bytes.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { shownSource } from "../core/shown_source.ts";
import type { Head } from "../model/heads.ts";
import { stageChannels } from "../model/stages.ts";
import { transposed } from "../core/transposed.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { clip } from "../core/quoted.ts";
import { dequantise, quantise, type WeightDType } from "../weights/quantise.ts";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.ts";
import { checkModelKind, refuseRun } from "./check_model_kind.ts";
import { hashTensors } from "./hash_tensors.ts";
import { type Manifest, MANIFEST_FORMAT } from "./manifest.ts";
import { parseManifest } from "./parse_manifest.ts";
import { readModelBytes } from "./read_model_bytes.ts";

/** What messages call a model that is no file yet. */
const UNSAVED = "in memory";

/** What the caller says of a model; the rest of the {@linkcode Manifest} follows from its tensors. */
export type ModelDescription = Omit<
  Manifest,
  "format" | "head" | "trunk" | "dtype" | "tensorsSha256"
>;

/** A model to be saved. */
export interface ModelToSave {
  /** What it is and how it came about. */
  readonly description: ModelDescription;
  /** The trained head. */
  readonly head: Head;
  /**
   * The checkpoint's tensors under torchvision's names; those of `features.` are kept, its classifier is not. Left out, the file
   * holds the head only and needs the checkpoint beside it.
   */
  readonly trunk?: ReadonlyMap<string, HostTensor>;
  /**
   * How kernels and matrices are kept, see `quantise`. A trunk that is rounded is no checkpoint's any more: the manifest then names
   * it by the hash of its tensors.
   *
   * @default {"f32"}
   */
  readonly dtype?: WeightDType;
}

/** A model as it came out of a file. */
export interface SavedModel {
  /** What it says of itself, checked. */
  readonly manifest: Manifest;
  /** The head. */
  readonly head: Head;
  /** The trunk's tensors, where the file has them; float32, however the file keeps them. */
  readonly trunk?: ReadonlyMap<string, HostTensor>;
}

/** Prefixes of the two parts' tensors; no name of torchvision's starts with the head's. */
const TRUNK = "features.";
const HEAD = "head.";

/**
 * Writes a model as ONE standard safetensors file, whole or not at all.
 *
 * The trunk's tensors keep torchvision's names and layout. The head adds `head.weight` `[classes, columns]` and
 * `head.bias` `[classes]`, as `torch.nn.Linear` has them, and for a probe `head.mean` and `head.scale` `[columns]`: logits are
 * `((features - mean) / scale) @ weight.T + bias`. With a `dtype` of fewer bytes, kernels and `head.weight` are kept as `quantise`
 * says. The metadata has `format` = `"pt"` and `graft` = the manifest as JSON.
 *
 * @param path Path or `file:` URL.
 * @returns How the file was written, see `writeAtomically`.
 * @throws {UserError} When it cannot be written, or when description, head and trunk do not belong together.
 */
export async function saveModel(path: string | URL, model: ModelToSave): Promise<WriteOutcome> {
  checkPath(path, "save the model");
  return await writeAtomically(path, await encodeModel(model));
}

/** The bytes that {@linkcode saveModel} writes; the same model gives the same bytes. */
export async function encodeModel(
  { description, head, trunk, dtype = "f32" }: ModelToSave,
): Promise<Uint8Array> {
  const tensors = trunkOf(trunk ?? new Map());
  if (trunk && tensors.size === 0) {
    throw new UserError(`Cannot save the model: no tensor of the trunk is named ${TRUNK}…`);
  }
  for (const [name, tensor] of headTensors(head)) tensors.set(HEAD + name, tensor);
  const stored = quantise(tensors, dtype);
  const read = dequantise(stored.tensors);
  const isRounded = trunk !== undefined && dtype !== "f32";
  const manifest: Manifest = {
    ...description,
    weightsSha256: isRounded ? await hashTensors(trunkOf(read)) : description.weightsSha256,
    format: MANIFEST_FORMAT,
    head: {
      kind: head.kind,
      columns: head.columns,
      standardised: head.mean !== undefined,
      details: head.details,
    },
    trunk: trunk ? "included" : "absent",
    dtype,
    tensorsSha256: await hashTensors(stored.tensors),
  };
  const text = JSON.stringify(manifest);
  try {
    // What cannot be loaded again must not be saved.
    assembleHead(parseManifest(text, UNSAVED), read, UNSAVED);
  } catch (error) {
    const detail = (error as Error).message.replace(/^[^:]*: /, "");
    throw new UserError(`Cannot save the model: ${detail}`, { cause: error });
  }
  return writeSafetensors({ ...stored, metadata: { format: "pt", graft: text } });
}

/**
 * Reads a model that {@linkcode saveModel} wrote.
 *
 * @param source Path, `file:` or `http(s):` URL, or the file's bytes.
 * @throws {UserError} (rejects) When it cannot be read, is no model, was made by a newer version, is damaged, or its parts do not fit.
 */
export async function loadModel(
  source: string | URL | FileBytes,
  options: ProgressOptions = {},
): Promise<SavedModel> {
  const given = holdsBytes(source) ? await bytesOf(source) : source;
  const name = given instanceof Uint8Array
    ? `(${given.length} bytes in memory)`
    : clip(shownSource(given));
  const bytes = await readModelBytes(given, name, options);
  checkModelKind(bytes, name);
  const { tensors: stored, metadata } = readSafetensors(bytes, name);
  if (metadata.graft === undefined) refuseRun(metadata, name);
  const manifest = parseManifest(metadata.graft, name);
  const found = await hashTensors(stored);
  if (found !== manifest.tensorsSha256) {
    throw new UserError(
      `Cannot load model ${name}: its tensors are not those that were saved (SHA-256 ${
        found.slice(0, 8)
      }…, expected ${manifest.tensorsSha256.slice(0, 8)}…); the file is damaged, get it again`,
    );
  }
  const tensors = dequantise(stored, name);
  const head = assembleHead(manifest, tensors, name);
  const trunk = trunkOf(tensors);
  if ((manifest.trunk === "included") !== (trunk.size > 0)) {
    throw new UserError(
      `Cannot load model ${name}: its manifest says the trunk is ${manifest.trunk}, the file has ${trunk.size} tensors of it; save the model again`,
    );
  }
  return manifest.trunk === "included" ? { manifest, head, trunk } : { manifest, head };
}

/**
 * The weights that a model's trunk is to be made from: its own, or for a file of the head only those given, which must be the
 * checkpoint it was trained on.
 *
 * @throws {UserError} When the checkpoint is missing or is another one.
 */
export function trunkWeights(
  { manifest, trunk }: SavedModel,
  given?: LoadedWeights,
): LoadedWeights {
  const { variant, weightsSha256: sha256, weightsSource: source, dtype } = manifest;
  if (trunk) {
    const rounded = dtype === "f32" ? {} : { rounded: dtype };
    return { tensors: trunk, variant, sha256, source, notes: [], ...rounded };
  }
  if (given === undefined) {
    throw new UserError(
      `Cannot use the model: it holds the head only; give the weights (--weights) that it was trained on (${
        clip(source)
      }, SHA-256 ${sha256.slice(0, 8)}…)`,
    );
  }
  if (given.sha256 !== sha256 || given.variant !== variant) {
    throw new UserError(
      `Cannot use the model: it was trained on ${variant} weights ${
        sha256.slice(0, 8)
      }…, those given are ${given.variant} weights ${given.sha256.slice(0, 8)}…; give ${
        clip(source)
      }`,
    );
  }
  return given;
}

/** The tensors of the trunk. */
function trunkOf(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map([...tensors].filter(([name]) => name.startsWith(TRUNK)));
}

/** The head's tensors, named as in the file without the prefix. */
function headTensors(head: Head): Map<string, HostTensor> {
  const { columns, classes, weight, bias, mean, scale } = head;
  const vector = (data: Float32Array): HostTensor => ({
    dtype: "float32",
    shape: [data.length],
    data,
  });
  const tensors = new Map<string, HostTensor>([
    ["weight", {
      dtype: "float32",
      shape: [classes, columns],
      data: transposed(weight, columns, classes),
    }],
    ["bias", vector(bias)],
  ]);
  if (mean && scale) tensors.set("mean", vector(mean)).set("scale", vector(scale));
  return tensors;
}

/** The head from a file's tensors, checked against the manifest. */
function assembleHead(
  { head, classes, stages }: Manifest,
  tensors: ReadonlyMap<string, HostTensor>,
  name: string,
): Head {
  const fail = (detail: string) =>
    new UserError(`Cannot load model ${name}: ${detail}; save the model again`);
  const { kind, columns, standardised, details } = head;
  const wide = stages.reduce((sum, stage) => sum + stageChannels(stage), 0);
  if (wide !== columns) {
    throw fail(`its head takes ${columns} features, stages ${stages} give ${wide}`);
  }
  const take = (key: string, shape: readonly number[]): Float32Array => {
    const tensor = tensors.get(HEAD + key);
    if (tensor?.dtype === "float32" && tensor.shape.join() === shape.join()) {
      const data = tensor.data as Float32Array;
      // What features are divided by is above 0; and no product of two such numbers is infinite.
      const least = key === "scale" ? 1e-18 : -1e18;
      const wrong = data.findIndex((value) => !(value >= least && value <= 1e18));
      if (wrong === -1) return data;
      throw fail(
        `tensor ${HEAD}${key} has the value ${
          data[wrong]
        } at ${wrong}, expected numbers from ${least} to 1e18`,
      );
    }
    const found = tensor ? `${tensor.dtype} [${tensor.shape}]` : "absent";
    throw fail(`tensor ${HEAD}${key} is ${found}, expected float32 [${shape}]`);
  };
  const known = ["weight", "bias", ...(standardised ? ["mean", "scale"] : [])];
  for (const key of tensors.keys()) {
    if (!key.startsWith(TRUNK) && !known.some((part) => key === HEAD + part)) {
      throw fail(`tensor ${clip(key)} belongs to no part of the model`);
    }
  }
  const weight = take("weight", [classes.length, columns]);
  return {
    kind,
    weight: transposed(weight, classes.length, columns),
    bias: take("bias", [classes.length]),
    ...(standardised ? { mean: take("mean", [columns]), scale: take("scale", [columns]) } : {}),
    classes: classes.length,
    columns,
    details,
  };
}
