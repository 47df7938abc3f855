/**
 * Second part of `deno task build:wasm`: compiles graft's kernels for images (AssemblyScript) and writes them into
 * `lib/`, as base64 in TypeScript like the kernels of the backend. With `--check` it writes nothing and fails where
 * a file differs.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- build-time only, never reached from mod.ts
import asc from "npm:assemblyscript@0.28.20/asc";
import { embed, writeLib } from "../../core/_build/embed.ts";

const HERE = new URL("./", import.meta.url);

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
  return new Map([["kernels.ts", await embed("kernels", "graft's kernels.", await kernels())]]);
}

if (import.meta.main) await writeLib(await build(), HERE);
