/**
 * Second part of `deno task build:wasm`: writes the picture decoders into `lib/`, as base64 in TypeScript like the
 * kernels of the backend. With `--check` it writes nothing and fails where a file differs. Needs
 * `--unstable-raw-imports` to read the binaries.
 *
 * @module
 */

import { bytesOf, embed, writeLib } from "../../core/_build/embed.ts";

const HERE = new URL("./", import.meta.url);

const NOTE = "From imagescript 1.3.1, unmodified, (c) 2023 Mathis Mensing, MIT: see ../LICENSE.";

/** The binaries of imagescript, of which the MIT licence is taken; see LICENSE. */
async function decoders(): Promise<Record<string, Uint8Array>> {
  const jpeg = await import(
    "npm:imagescript@1.3.1/wasm/any/jpeg.wasm",
    { with: { type: "bytes" } }
  );
  const png = await import(
    "npm:imagescript@1.3.1/wasm/any/png.wasm",
    { with: { type: "bytes" } }
  );
  return { jpeg: bytesOf(jpeg), png: bytesOf(png) };
}

/** All files of `lib/`, by name. */
export async function build(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, bytes] of Object.entries(await decoders())) {
    files.set(`${name}.ts`, await embed(name, NOTE, bytes));
  }
  return files;
}

if (import.meta.main) await writeLib(await build(), HERE);
