/** Features in a file, with all that they depend on. @module */
import { writeAtomically } from "../core/atomic_write.ts";
import { UserError } from "../core/errors.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { clip } from "../core/quoted.ts";
import { readFile } from "../core/read_file.ts";
import { readSafetensors, safetensorsHeader } from "../weights/safetensors.ts";
import type { Variant } from "../weights/variants.ts";

/** Preparation of the pictures, with the input size. */
export interface InputPreparation extends Preprocessing {
  /** Side of the network's input, in pixels. */
  readonly size: number;
  /** Whether pictures are scaled whole or cropped. */
  readonly fit: "whole" | "crop";
}

/** What a set of features depends on; two sets with equal keys are equal. */
export interface FeatureKey {
  /** SHA-256 of the checkpoint file. */
  readonly weightsSha256: string;
  /** Family of the checkpoint. */
  readonly variant: Variant;
  /** How the pictures were prepared. */
  readonly preprocessing: InputPreparation;
  /** Stages that were pooled, ascending. */
  readonly stages: readonly number[];
  /** `ImageDataset.hash()` of the pictures and labels. */
  readonly datasetSha256: string;
  /** Views that follow the pictures themselves, with their seed. @default none */
  readonly views?: string;
}

/** Labels that go into the file beside the features, for programs that read it. */
export interface FeatureLabels {
  /** Class index of each row; -1 = unknown. */
  readonly labels: Int32Array;
  /** Class names in order. */
  readonly classes: readonly string[];
}

/** Names of the tensors in the file: `[rows, columns]` and `[rows]`. */
export const FEATURES = "features";
export const LABELS = "labels";

/** What the parts of a key are called in messages. */
const PARTS: Readonly<Record<keyof FeatureKey, string>> = {
  weightsSha256: "weights",
  variant: "variant",
  preprocessing: "picture preparation",
  stages: "stages",
  datasetSha256: "data",
  views: "views",
};

/** Features that come some rows at a time. */
export interface FeatureRows {
  /** Number of rows in all. */
  readonly rows: number;
  /** Values of a row. */
  readonly columns: number;
  /** The rows in order, any number of whole rows in each piece. */
  readonly pieces: Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/** What else goes into a file of features. */
export interface FeatureFileOptions {
  /** Labels of the rows. @default none */
  readonly known?: FeatureLabels;
  /** More of the metadata. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes features as a safetensors file: the tensor `features` `[rows, columns]`, with `labels` also `labels` `[rows]`; the parts
 * of the key, and `classes` as a JSON list, are its metadata. Whole or not at all, and piece by piece: nothing is copied or held.
 *
 * @throws {UserError} When the file cannot be written.
 * @throws {UserError} When the pieces are not as many rows as they should be.
 */
export async function writeFeatures(
  path: string | URL,
  { rows, columns, pieces }: FeatureRows,
  key: FeatureKey,
  { known, metadata: more }: FeatureFileOptions = {},
): Promise<void> {
  async function* checked() {
    let values = 0;
    for await (const piece of pieces) {
      values += piece.length;
      yield bytesOf(piece);
    }
    if (values === rows * columns) return;
    throw new UserError(
      `Cannot write features: there are ${values} values, expected ${rows} rows of ${columns}`,
    );
  }
  await writeFeatureFile(path, {
    rows,
    columns,
    metadata: { ...keyTexts(key), ...known && classesText(known.classes), ...more },
    hasLabels: known !== undefined,
    read: (name) => name === LABELS ? [bytesOf(known!.labels)] : checked(),
  });
}

/** What {@linkcode writeFeatureFile} writes. */
export interface FeatureFile {
  /** Number of rows. */
  readonly rows: number;
  /** Values of a row. */
  readonly columns: number;
  /** The parts of the key, and more. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether there is a tensor of labels. */
  readonly hasLabels: boolean;
  /** The bytes of a tensor, in pieces. */
  readonly read: (
    name: typeof FEATURES | typeof LABELS,
  ) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Writes a file of features from the bytes of its tensors: whole or not at all. */
export async function writeFeatureFile(
  path: string | URL,
  { rows, columns, metadata, hasLabels, read }: FeatureFile,
): Promise<void> {
  const tensors = new Map<string, Pick<HostTensor, "dtype" | "shape">>();
  tensors.set(FEATURES, { dtype: "float32", shape: [rows, columns] });
  if (hasLabels) tensors.set(LABELS, { dtype: "int32", shape: [rows] });
  const { header, names } = safetensorsHeader({ tensors, metadata });
  async function* content() {
    yield header;
    for (const name of names) yield* read(name as typeof FEATURES | typeof LABELS);
  }
  await writeAtomically(path, content());
}

/** Class names as the metadata has them. */
export function classesText(classes: readonly string[]): { readonly classes: string } {
  return { classes: JSON.stringify(classes) };
}

/** Writes features that are in memory; see {@linkcode writeFeatures}. */
export async function saveFeatures(
  path: string | URL,
  { data, rows, columns }: FeatureMatrix,
  key: FeatureKey,
  known?: FeatureLabels,
): Promise<void> {
  await writeFeatures(path, { rows, columns, pieces: [data] }, key, { known });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Reads features that belong to `key`.
 *
 * @returns `undefined` when there is no such file.
 * @throws {UserError} When the file cannot be read, is no file of features, or belongs to another key: the message names what
 * differs.
 */
export async function loadFeatures(
  path: string | URL,
  key: FeatureKey,
): Promise<FeatureMatrix | undefined> {
  const name = clip(String(path));
  const fail = (detail: string) => new UserError(`Cannot use features ${name}: ${detail}`);
  const bytes = await read(path, fail);
  if (bytes === undefined) return undefined;
  const { tensors, metadata } = readSafetensors(bytes, name);
  const features = tensors.get(FEATURES);
  if (features?.dtype !== "float32" || features.shape.length !== 2) {
    throw fail(
      metadata.graft === undefined
        ? 'it has no float32 matrix "features"; name another file, or delete it'
        : "it is a model that graft kept, no features; name another file",
    );
  }
  const expected = keyTexts(key);
  for (const part of Object.keys(PARTS) as (keyof FeatureKey)[]) {
    if (metadata[part] === expected[part]) continue;
    const absent = part === "views" ? "none" : "unknown";
    const found = metadata[part] === undefined ? absent : clip(metadata[part], 200);
    throw fail(
      `they belong to other ${PARTS[part]} (${part}): found ${found}, expected ${
        expected[part] ?? absent
      }; delete the file or name another`,
    );
  }
  const [rows, columns] = features.shape;
  return { data: features.data as Float32Array, rows, columns };
}

/** A key as text. */
export type TextKey =
  & Record<Exclude<keyof FeatureKey, "views">, string>
  & Pick<FeatureKey, "views">;

/** The parts of a key as text; the same key always gives the same. */
export function keyTexts({ views, ...key }: FeatureKey): TextKey {
  const { mean, std, resizeSize, cropSize, interpolation, size, fit } = key.preprocessing;
  return {
    weightsSha256: key.weightsSha256,
    variant: key.variant,
    preprocessing: JSON.stringify({ size, fit, resizeSize, cropSize, interpolation, mean, std }),
    stages: key.stages.join(","),
    datasetSha256: key.datasetSha256,
    ...views !== undefined && { views },
  };
}

/**
 * The metadata of a file of features as values: what {@linkcode keyTexts} and {@linkcode classesText} wrote, and a shard's manifest, are
 * objects and lists again. What cannot be read stays text.
 */
export function metadataValues(
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, text]) => [name, valueOf(name, text)]),
  );
}

function valueOf(name: string, text: string): unknown {
  if (name === "stages" && /^\d+(,\d+)*$/.test(text)) return text.split(",").map(Number);
  if (!["preprocessing", "classes", "shard"].includes(name)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // someone else's entry of that name
  }
}

async function read(
  path: string | URL,
  fail: (detail: string) => UserError,
): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fail(clip((error as Error).message));
  }
}
