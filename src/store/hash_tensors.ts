/** One hash for many tensors. @module */
import type { HostTensor } from "../core/host_tensor.ts";
import { sha256Hex } from "../core/sha256.ts";

/**
 * SHA-256 over names, types, shapes and elements of tensors, whatever their order: the hash of one line
 * `<name as JSON> <dtype> <shape> <SHA-256 of the elements>\n` per tensor, sorted by name.
 *
 * @returns 64 lower-case hex digits.
 */
export async function hashTensors(tensors: ReadonlyMap<string, HostTensor>): Promise<string> {
  const lines: string[] = [];
  // One after the other: each digest takes a copy.
  for (const [name, { dtype, shape, data }] of tensors) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    lines.push(`${JSON.stringify(name)} ${dtype} [${shape}] ${await sha256Hex(bytes)}\n`);
  }
  return await sha256Hex(new TextEncoder().encode(lines.sort().join("")));
}
