/** Whether a file holds tensors. @module */

import { firstBytes } from "../core/join_bytes.ts";
import { heldPipe, isPipe } from "../core/pipes.ts";
import { findCheckpoint } from "../weights/checkpoints.ts";

/** Enough for the beginning of a zip archive with the name of its first file. */
const HEAD_BYTES = 512;

/** Whether a path or name stands for tensors rather than pictures, by the file's first bytes. */
export async function holdsTensors(source: string): Promise<boolean> {
  if (findCheckpoint(source) !== undefined) return true;
  if (/^https?:/i.test(source)) return /\.(safetensors|pth|pt)([?#]|$)/i.test(source);
  const head = new Uint8Array(HEAD_BYTES);
  try {
    const path = pathOf(source);
    const pieces = heldPipe(path);
    if (pieces !== undefined) {
      head.set(firstBytes(pieces, HEAD_BYTES));
    } else if (!await isPipe(path)) { // which could be read only once
      using file = await Deno.open(path);
      await file.read(head);
    }
  } catch {
    return false; // whoever reads it as data says what is wrong with it
  }
  const start = String.fromCharCode(...head);
  // An archive is PyTorch's if it is called so, or begins with the file that `torch.save` writes first.
  const isPth = start[0] === "\x80" ||
    start.startsWith("PK") &&
      (/\.(pth|pt)$/i.test(source) || /^[^/]*\/data\.pkl/.test(start.slice(30)));
  // safetensors: 8 bytes of length, the upper ones zero, then JSON.
  return isPth || start[8] === "{" && start.slice(4, 8) === "\0\0\0\0";
}

/** The path that a source is, where it may be a `file:` address. */
export function pathOf(source: string): string | URL {
  return /^file:/i.test(source) ? new URL(source) : source;
}
