/** One hash for many tensors. @module */
import type { HostTensor } from "../core/host_tensor.ts";
import { sha256Hex } from "../core/sha256.ts";

/** Bytes whose digests are under way at once. */
const COPIES = 2 ** 23;

/**
 * SHA-256 over names, types, shapes and elements of tensors, whatever their order: the hash of one line
 * `<name as JSON> <dtype> <shape> <SHA-256 of the elements>\n` per tensor, sorted by name.
 *
 * @returns 64 lower-case hex digits.
 */
export async function hashTensors(tensors: ReadonlyMap<string, HostTensor>): Promise<string> {
  const lines: Promise<string>[] = [];
  let copied = 0;
  for (const [name, tensor] of tensors) {
    // Together, since each waits longer for its turn than it takes; but each takes a copy.
    copied += tensor.data.byteLength;
    if (copied > COPIES) {
      await Promise.all(lines);
      copied = tensor.data.byteLength;
    }
    lines.push(lineOf(name, tensor));
  }
  const text = (await Promise.all(lines)).sort().join("");
  return await sha256Hex(new TextEncoder().encode(text));
}

async function lineOf(name: string, { dtype, shape, data }: HostTensor): Promise<string> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return `${JSON.stringify(name)} ${dtype} [${shape}] ${await sha256Hex(bytes)}\n`;
}
