/** Whether a file holds tensors. @module */

import { findCheckpoint } from "../weights/checkpoints.ts";

/** Whether a path or name stands for tensors rather than pictures, by the file's first bytes. */
export async function holdsTensors(source: string): Promise<boolean> {
  if (findCheckpoint(source) !== undefined) return true;
  if (/^https?:/i.test(source)) return /\.(safetensors|pth|pt)([?#]|$)/i.test(source);
  const head = new Uint8Array(9);
  try {
    using file = await Deno.open(pathOf(source));
    await file.read(head);
  } catch {
    return false; // whoever reads it as data says what is wrong with it
  }
  const start = String.fromCharCode(...head);
  const isPth = start[0] === "\x80" || start.startsWith("PK") && !/\.zip$/i.test(source);
  // safetensors: 8 bytes of length, the upper ones zero, then JSON.
  return isPth || start[8] === "{" && start.slice(4, 8) === "\0\0\0\0";
}

/** The path that a source is, where it may be a `file:` address. */
export function pathOf(source: string): string | URL {
  return /^file:/i.test(source) ? new URL(source) : source;
}
