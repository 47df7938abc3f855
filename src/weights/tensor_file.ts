/** Files of tensors in any form that graft reads. @module */

import { UserError } from "../core/errors.ts";
import { withoutPrefix } from "./network_names.ts";
import { readPth } from "./pth.ts";
import { readSafetensors, type TensorFile } from "./safetensors.ts";
import { sizeFromHeader } from "./safetensors_layout.ts";

/** Forms that weights come in: safetensors, or `torch.save`'s zip archive or older row of pickles. */
export type TensorFormat = "safetensors" | "pth-zip" | "pth-legacy";

/** First bytes of what people give for weights by mistake, and what to do then. */
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ["<", "it is a web page, not weights; use the address of the file itself"],
  [
    "version https://git-lfs",
    "it is a Git LFS pointer, not weights; fetch the file itself (git lfs pull)",
  ],
  ["\x89HDF", "it is an HDF5 file; convert it to safetensors under torchvision's names"],
  ["\x1f\x8b", "it is compressed with gzip; unpack it first (gunzip)"],
];

/**
 * Tells the form of a file from its first bytes, never from its name.
 *
 * @param name What messages call the file.
 *
 * @throws {UserError} It is none of the known forms.
 *
 * @example
 * ```ts
 * import { sniffFormat } from "./tensor_file.ts";
 * import { writeSafetensors } from "./safetensors.ts";
 * const bytes = writeSafetensors({ tensors: new Map(), metadata: { format: "pt" } });
 * if (sniffFormat(bytes, "empty") !== "safetensors") throw new Error();
 * ```
 */
export function sniffFormat(bytes: Uint8Array, name: string): TensorFormat {
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  if (start[8] === "{") return "safetensors"; // after 8 bytes of length
  if (start.startsWith("PK")) return "pth-zip";
  if (start[0] === "\x80") return "pth-legacy"; // pickle's PROTO
  const why = bytes.length === 0
    ? "it is empty; fetch it again"
    : LOOKALIKES.find(([prefix]) => start.trimStart().startsWith(prefix))?.[1] ??
      "it is neither safetensors nor a PyTorch file; save the state dict in one of these forms";
  throw new UserError(`Cannot read ${name}: ${why}`);
}

/**
 * Reads tensors in any known form, a network's under their own names (`withoutPrefix`).
 *
 * @param name What messages call the file.
 *
 * @throws {UserError} (rejects) The form is unknown, the file is damaged, or holds more than one network; see
 * {@linkcode readSafetensors} and {@linkcode readPth}.
 */
export async function readTensorFile(bytes: Uint8Array, name: string): Promise<TensorFile> {
  const file = sniffFormat(bytes, name) === "safetensors"
    ? readSafetensors(bytes, name)
    : await readPth(bytes, name);
  return withoutPrefix(file, name);
}

/**
 * Size of a file in bytes by its beginning, for downloads that must not go on for ever: safetensors say it.
 *
 * @returns undefined where the beginning is too short, `Infinity` for PyTorch's forms, which do not say.
 * @throws {UserError} As {@linkcode sniffFormat}.
 */
export function sizeFromStart(start: Uint8Array): number | undefined {
  if (start.length < MIN_START) return undefined;
  const name = "what the server sends";
  return sniffFormat(start, name) === "safetensors" ? sizeFromHeader(start, name) : Infinity;
}

/** Bytes that tell a form, and what is given for weights by mistake. */
const MIN_START = 32;
