/** Weights that are inside the package. @module */

import { decodeBase64 } from "../core/base64.ts";
import { sha256Hex } from "../core/sha256.ts";
import type { CheckpointInfo } from "./checkpoints.ts";

/**
 * The bytes of the embedded checkpoint: a safetensors file, kept as base64 in `weights/starter.json`.
 *
 * A program that imports graft has them at hand wherever it runs, without any permission; they are decoded when they are asked for.
 *
 * @throws {Error} When they are not the file that the table of checkpoints names: the package is damaged, or a bundler left them out.
 */
export async function embeddedWeights(
  { name, sha256, size }: Pick<CheckpointInfo, "name" | "sha256" | "size">,
): Promise<Uint8Array<ArrayBuffer>> {
  const { default: { base64 } } = await import("../../weights/starter.json", {
    with: { type: "json" },
  });
  const bytes = decodeBase64(base64);
  const found = await sha256Hex(bytes);
  if (bytes.length !== size || found !== sha256) {
    throw new Error(
      `weights "${name}" inside graft have ${bytes.length} bytes and SHA-256 ${found}, expected ${size} and ${sha256}`,
    );
  }
  return bytes;
}
