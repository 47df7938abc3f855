/** Weights by name, path, address or bytes, with all that is known of them. @module */

import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { listKnown, UserError } from "../core/errors.ts";
import { bytesOf, type FileBytes, holdsBytes } from "../core/given_bytes.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { readFile } from "../core/read_file.ts";
import { sha256Hex } from "../core/sha256.ts";
import { shownSource } from "../core/shown_source.ts";
import {
  type CheckpointInfo,
  checkpointOfHash,
  findCheckpoint,
  OBTAINABLE,
} from "./checkpoints.ts";
import { download, type DownloadCache } from "./download.ts";
import { embeddedWeights } from "./embedded_weights.ts";
import { nearest } from "../core/nearest.ts";
import { clip } from "../core/quoted.ts";
import { describeGaps } from "./network_names.ts";
import { dequantise, type WeightDType } from "./quantise.ts";
import type { TensorFile } from "./safetensors.ts";
import { readTensorFile, sizeFromStart } from "./tensor_file.ts";
import { isVariant, type Variant, VARIANTS } from "./variants.ts";

/** How to load weights. */
export interface LoadWeightsOptions extends ProgressOptions {
  /** The family, for files of which it is not known; see {@linkcode Variant}. */
  readonly variant?: Variant;
  /**
   * The family, for files of which it is not known, from someone who may be wrong: unlike `variant`, it gives way to what a
   * file is known to be.
   */
  readonly assumedVariant?: Variant;
  /** Where to keep downloads; `null` for nowhere. The default is the Cache API where there is one. */
  readonly cache?: DownloadCache | null;
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** Of {@linkcode LoadWeightsOptions}. */
const KINDS: OptionKinds<LoadWeightsOptions> = {
  ...PROGRESS_KINDS,
  variant: "string",
  assumedVariant: "string",
  cache: "any",
  fetch: "function",
};

/** Weights in memory. */
export interface LoadedWeights {
  /** Tensors under the file's names, rounded ones widened to float32 (`quantise`); they may share the file's memory. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Which arithmetic they were trained for. */
  readonly variant: Variant;
  /** SHA-256 of the file, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Where they came from, for people: a path, an address or a name. */
  readonly source: string;
  /** One-liners worth showing, for instance a choice that was made. */
  readonly notes: readonly string[];
  /** One-liners that few want to know, for instance what of the file is not used. */
  readonly details?: readonly string[];
  /** How a kept model rounded them, where it did: then no checkpoint is them, and a head cannot be kept without them. */
  readonly rounded?: WeightDType;
}

/** Largest file to read from disk: more than any float64 checkpoint with optimizer needs. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Loads a checkpoint. Whether it is safetensors or one of PyTorch's forms is told by its content. The
 * family comes from the file's SHA-256 where graft knows it, else from the manifest of a model that
 * graft saved, else from `options.variant` or `options.assumedVariant`.
 *
 * Names and shapes are not checked here but where the network is built.
 *
 * @param source A known name (`"imagenet"`), a path, an address (`https:` or `file:`; a fragment
 * `#sha256=…` pins its content, which also lets it be cached), or the file's bytes.
 *
 * @throws {UserError} (rejects) The name is unknown, the file is missing or damaged, the download fails, or
 * the family is unknown or contradicts `options.variant`.
 *
 * @example
 * ```ts
 * import { loadWeights } from "./load.ts";
 * import { writeSafetensors } from "./safetensors.ts";
 * const bytes = writeSafetensors({ // or a name, a path, an address
 *   tensors: new Map([["bias", { dtype: "float32", shape: [2], data: new Float32Array(2) }]]),
 *   metadata: {},
 * });
 * const { tensors, variant } = await loadWeights(bytes, { variant: "torchvision" });
 * if (tensors.size !== 1 || variant !== "torchvision") throw new Error();
 * ```
 */
export async function loadWeights(
  source: string | URL | FileBytes,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const given = holdsBytes(source) ? await bytesOf(source) : source;
  if (!(typeof given === "string" || given instanceof URL || given instanceof Uint8Array)) {
    throw new UserError(
      `Cannot load weights: expected a known name, a path, an address or the bytes of a file, got ${
        givenKind(given)
      }${awaitAdvice(given) ? `; ${awaitAdvice(given)}` : ""}`,
    );
  }
  checkOptions(options, KINDS, { action: "load weights", method: "loadWeights" });
  for (const name of ["variant", "assumedVariant"] as const) {
    const given = options[name];
    if (given === undefined || isVariant(given)) continue;
    throw new UserError(
      `Cannot load weights: ${name} is "${clip(String(given))}", expected ${
        listKnown(Object.keys(VARIANTS))
      }`,
    );
  }
  const { bytes, sha256, name, notes } = await readWeightsFile(given, options);
  const file = await readTensorFile(bytes, name);
  return {
    tensors: dequantise(file.tensors, name),
    variant: chooseVariant(sha256, file, name, options),
    sha256,
    source: name,
    notes: [...notes, ...file.notes ?? []],
    details: [
      ...file.details ?? [],
      ...(checkpointOfHash(sha256)?.embedded ? [] : describeGaps(file)),
    ],
  };
}

/** A file and what to call it. */
export interface WeightsFile {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Their SHA-256, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Path, address without what may be secret, or known name. */
  readonly name: string;
  /** One-liners worth showing. */
  readonly notes: readonly string[];
}

/**
 * Reads the file of weights or of a saved model from wherever it lies, without looking into it.
 *
 * @throws {UserError} (rejects) As {@linkcode loadWeights}.
 */
export async function readWeightsFile(
  source: string | URL | Uint8Array,
  options: LoadWeightsOptions,
): Promise<WeightsFile> {
  if (source instanceof Uint8Array) {
    const name = `weights (${source.length} bytes in memory)`;
    return { bytes: source, sha256: await sha256Hex(source), name, notes: [] };
  }
  const text = String(source);
  const checkpoint = typeof source === "string" ? findCheckpoint(source) : undefined;
  if (checkpoint !== undefined) return await fetchCheckpoint(checkpoint, options);
  if (/^https?:/i.test(text)) return await fetchUrl(text, options);
  const path = /^file:/i.test(text) && URL.canParse(text) ? new URL(text) : text;
  const bytes = await readPath(path, text, options.signal);
  return { bytes, sha256: await sha256Hex(bytes), name: clip(text), notes: [] };
}

async function fetchCheckpoint(
  checkpoint: CheckpointInfo,
  options: LoadWeightsOptions,
): Promise<WeightsFile> {
  const { name, urls, sha256, size, embedded } = checkpoint;
  if (embedded) return { bytes: await embeddedWeights(checkpoint), sha256, name, notes: [] };
  if (urls.length === 0) {
    throw new UserError(
      `Cannot download weights "${name}": no address of them is known; give the path of the file, which is recognised by its content`,
    );
  }
  const file = await download({ ...options, urls, sha256, size });
  return { ...file, name };
}

async function fetchUrl(text: string, options: LoadWeightsOptions): Promise<WeightsFile> {
  if (!URL.canParse(text)) {
    throw new UserError(
      `Cannot download weights from "${clip(shownSource(text))}": it is not a valid address`,
    );
  }
  const url = new URL(text);
  const pin = /^#sha256=(.*)$/i.exec(url.hash)?.[1].toLowerCase();
  if (pin !== undefined && !/^[0-9a-f]{8,64}$/.test(pin)) {
    throw new UserError(
      `Cannot download weights from ${shownSource(text)}: #sha256=${
        clip(pin)
      } is not 8 to 64 hex digits`,
    );
  }
  url.hash = "";
  const file = await download({
    ...options,
    urls: [url.href],
    sha256: pin,
    sizeOf: sizeFromStart,
  });
  const unpinned = pin === undefined
    ? [
      `the download was neither checked nor cached; to have both, append #sha256=${file.sha256} to its address`,
    ]
    : [];
  return { ...file, name: shownSource(text), notes: [...file.notes, ...unpinned] };
}

async function readPath(
  path: string | URL,
  text: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const fail = (detail: string) => new UserError(`Cannot read weights ${clip(text)}: ${detail}`);
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw fail("it is a folder; give the path of the file in it");
    if (size > MAX_FILE_BYTES) {
      throw fail(
        `it has ${size} bytes, at most ${MAX_FILE_BYTES} are read; EfficientNet-B0 has 21 million`,
      );
    }
    return await readFile(path, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    if (!(error instanceof Deno.errors.NotFound)) throw fail(clip((error as Error).message));
    // A bare word is more likely a name misspelt than a file.
    if (typeof path === "string" && /^[\w-]+$/.test(path)) {
      const wanted = nearest(path.toLowerCase(), OBTAINABLE);
      throw new UserError(
        `Cannot load weights "${path}": neither a file nor a known name; known are ${
          listKnown(OBTAINABLE)
        }, and a path or an address (https://…) works too${
          wanted === undefined ? "" : `; did you mean ${wanted}?`
        }`,
      );
    }
    throw fail('there is no such file; check the path, or use a name such as "imagenet"');
  }
}

/** The family, from the surest source that knows it. */
function chooseVariant(
  sha256: string,
  file: TensorFile,
  name: string,
  { variant: asked, assumedVariant }: LoadWeightsOptions,
): Variant {
  const known = checkpointOfHash(sha256)?.variant ?? manifestVariant(file);
  if (known !== undefined && asked !== undefined && asked !== known) {
    throw new UserError(
      `Cannot load ${name} as "${asked}": these weights are known to be of the "${known}" family; leave out the variant (--variant)`,
    );
  }
  const variant = known ?? asked ?? assumedVariant;
  if (variant !== undefined) return variant;
  throw new UserError(
    `Cannot tell which family ${name} is of: its content is not known and the families differ in padding ` +
      "and batch norm, not in names; give the variant (--variant): torchvision (trained with torchvision or timm's " +
      "efficientnet_b0) or google (Google's, Keras's, timm's tf_efficientnet_b0)",
  );
}

/** The family that the manifest of a model saved by graft states. */
function manifestVariant({ metadata }: TensorFile): Variant | undefined {
  if (metadata.graft === undefined) return undefined;
  try {
    const { variant } = JSON.parse(metadata.graft) ?? {};
    return isVariant(variant) ? variant : undefined;
  } catch {
    return undefined; // someone else's entry of that name
  }
}
