/**
 * Second part of `deno task build:wasm`: compiles graft's kernels for pictures (AssemblyScript) and writes them and
 * imagescript's decoders into `lib/`, as base64 in TypeScript like the kernels of the backend. With `--check` it writes
 * nothing and fails where a file differs. Needs `--unstable-raw-imports` to read the binaries.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- build-time only, never reached from mod.ts
import asc from "npm:assemblyscript@0.28.20/asc";
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

async function kernels(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const flags = "-O3 --noAssert --runtime stub --disableWarning --enable simd,bulk-memory";
  const { error } = await asc.main(["index.ts", ...flags.split(" "), "-o", "out.wasm"], {
    readFile: (name: string) => {
      try {
        return Deno.readTextFileSync(new URL(`assembly/${name.replace(/^.*\//, "")}`, HERE));
      } catch {
        return null;
      }
    },
    writeFile: (name: string, contents: string | Uint8Array) => {
      if (name === "out.wasm") wasm = contents as Uint8Array;
    },
    listFiles: () => [],
    stderr: { write: (text: string) => void messages.push(text) },
  });
  if (error || !wasm) throw new Error(`Cannot compile the kernels:\n${messages.join("")}`);
  return wasm;
}

/** All files of `lib/`, by name. */
export async function build(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, bytes] of Object.entries(await decoders())) {
    files.set(`${name}.ts`, await embed(name, NOTE, bytes));
  }
  files.set("kernels.ts", await embed("kernels", "graft's kernels.", await kernels()));
  return files;
}

if (import.meta.main) await writeLib(await build(), HERE);
