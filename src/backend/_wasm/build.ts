/**
 * `deno task build:wasm`: writes everything in `lib/`. Compiles graft's kernels (AssemblyScript, four builds)
 * and embeds them, and the tfjs binaries that they run beside, as base64 in TypeScript: the only form that
 * works alike in a checkout, from a URL, from JSR and in old runtimes, and needs no permission. With `--check`
 * it writes nothing and fails where a file differs. Needs `--unstable-raw-imports` to read the tfjs binaries.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- build-time only, never reached from mod.ts
import asc from "npm:assemblyscript@0.28.20/asc";
import { bytesOf, embed, writeLib } from "../../core/_build/embed.ts";
import { depthwiseRows } from "./generate_depthwise.ts";
import { gemmTiles } from "./generate_gemm.ts";
import { nhwcTiles } from "./generate_nhwc.ts";

const HERE = new URL("./", import.meta.url);

/** -O1: Binaryen's -O3 reorders loads and sinks constants into loops, which costs a fifth of the speed. */
const FLAGS = "-O1 --noAssert --runtime stub --importMemory --noExportMemory --disableWarning " +
  "--enable simd,threads,bulk-memory";

/** Builds: shared memory for the threaded tfjs binary, plain memory for the other; with and without FMA. */
const BUILDS: Readonly<Record<string, string>> = {
  kernels_shared_fma:
    "--sharedMemory --initialMemory 1 --maximumMemory 65536 --enable relaxed-simd --use FMA=1",
  kernels_shared: "--sharedMemory --initialMemory 1 --maximumMemory 65536 --use FMA=0",
  kernels_single_fma: "--initialMemory 1 --enable relaxed-simd --use FMA=1",
  kernels_single: "--initialMemory 1 --use FMA=0",
};

/** The binaries of tfjs that the loader knows; any other has other offsets inside. */
async function tfjsBinaries(): Promise<Record<string, Uint8Array>> {
  const threaded = await import(
    "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/tfjs-backend-wasm-threaded-simd.wasm",
    { with: { type: "bytes" } }
  );
  const single = await import(
    "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/tfjs-backend-wasm-simd.wasm",
    { with: { type: "bytes" } }
  );
  return { tfjs_threaded: bytesOf(threaded), tfjs_single: bytesOf(single) };
}

async function compile(flags: string): Promise<Uint8Array> {
  const generated: Record<string, string> = {
    "gemm_tiles.ts": gemmTiles(),
    "depthwise_rows.ts": depthwiseRows(),
    "nhwc_tiles.ts": nhwcTiles(),
  };
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const { error } = await asc.main([
    "index.ts",
    ...FLAGS.split(" "),
    ...flags.split(" "),
    "-o",
    "out.wasm",
  ], {
    readFile: (name: string) => {
      const base = name.replace(/^.*\//, "");
      if (base in generated) return generated[base];
      try {
        return Deno.readTextFileSync(new URL(`assembly/${base}`, HERE));
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
  for (const [name, flags] of Object.entries(BUILDS)) {
    files.set(`${name}.ts`, await embed(name, "graft's kernels.", await compile(flags)));
  }
  for (const [name, bytes] of Object.entries(await tfjsBinaries())) {
    const note = "From @tensorflow/tfjs-backend-wasm 4.22.0, unmodified, Apache-2.0.";
    files.set(`${name}.ts`, await embed(name, note, bytes));
  }
  return files;
}

if (import.meta.main) await writeLib(await build(), HERE);
