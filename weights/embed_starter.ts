/**
 * Puts the trained starter into the package: rounds it to 8 bits and writes `starter.json`, which `src/weights/embedded_weights.ts` reads.
 *
 *     deno run --allow-read --allow-write=weights weights/embed_starter.ts /tmp/starter.safetensors
 *
 * Prints what has to stand in the table of `src/weights/checkpoints.ts`; a test compares.
 *
 * @module
 */
import { encodeBase64 } from "../src/core/base64.ts";
import { sha256Hex } from "../src/core/sha256.ts";
import { quantise } from "../src/weights/quantise.ts";
import { readSafetensors, writeSafetensors } from "../src/weights/safetensors.ts";

/** The file that is embedded, from the one that `train_starter.ts` wrote. */
export function roundStarter(trained: Uint8Array): Uint8Array {
  const { tensors, metadata } = readSafetensors(trained, "the trained starter");
  return writeSafetensors({ ...quantise(tensors, "int8"), metadata });
}

/** Text of `starter.json`. */
export function embedded(bytes: Uint8Array): string {
  return JSON.stringify({ base64: encodeBase64(bytes) }) + "\n";
}

if (import.meta.main) {
  const [path] = Deno.args;
  if (path === undefined) {
    console.error("usage: embed_starter.ts TRAINED");
    Deno.exit(2);
  }
  const bytes = roundStarter(await Deno.readFile(path));
  await Deno.writeTextFile(new URL("starter.json", import.meta.url), embedded(bytes));
  console.log(`sha256: "${await sha256Hex(bytes)}",\nsize: ${bytes.length},`);
}
