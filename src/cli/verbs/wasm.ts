/** `graft wasm`: the WebAssembly modules as files, for places that compile none at run time. @module */

import { writeAllAtomically } from "../../core/atomic_write.ts";
import { decodeBase64 } from "../../core/base64.ts";
import { WASM_NAMES, type WasmName } from "../../core/given_modules.ts";
import { sha256Hex } from "../../core/sha256.ts";
import { choiceFlag, textFlag } from "../flags.ts";
import { checkWritable, need } from "../paths.ts";
import { makeFolder } from "../report_folder.ts";
import { tableLines } from "../table.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft wasm --out FOLDER`. */
export const wasmVerb: Verb = defineVerb({
  name: "wasm",
  summary: "write graft's WebAssembly modules as files, for sandboxes that compile none",
  words: "",
  count: [0, 0],
  flags: {
    out: textFlag("FOLDER", "where the files go", "."),
    kernels: choiceFlag(
      ["fma", "plain"],
      "kernels with or without fused multiply-add, which needs relaxed SIMD",
      "fma",
    ),
  },
  permissions: "--allow-read=<out> --allow-write=<out>",
  examples: ["graft wasm --out worker/"],
  async run({ flags: { out, kernels }, note }) {
    const folder = out.replace(/[/\\]+$/, "") || "/";
    const paths = WASM_NAMES.map((name) => `${folder}/${name}.wasm`);
    await need("write", out, out);
    await makeFolder(folder);
    for (const [i, path] of paths.entries()) await checkWritable(path, i === 0 ? note : () => {});
    const files = [];
    const contents: [path: string, content: Uint8Array][] = [];
    for (const [i, name] of WASM_NAMES.entries()) {
      const bytes = decodeBase64(await embedded(name, kernels));
      contents.push([paths[i], bytes]);
      files.push({ path: paths[i], bytes: bytes.length, sha256: await sha256Hex(bytes) });
    }
    await writeAllAtomically(contents);
    const rows = files.map(({ path, bytes, sha256 }) => [path, bytes, sha256.slice(0, 16)]);
    return { text: tableLines(["file", "bytes", "SHA-256"], rows).join("\n"), json: { files } };
  },
});

async function embedded(name: WasmName, kernels: "fma" | "plain"): Promise<string> {
  switch (name) {
    case "tfjs":
      return (await import("../../backend/_wasm/lib/tfjs_single.ts")).base64;
    case "kernels":
      return kernels === "fma"
        ? (await import("../../backend/_wasm/lib/kernels_single_fma.ts")).base64
        : (await import("../../backend/_wasm/lib/kernels_single.ts")).base64;
    case "pictures":
      return (await import("../../data/_codecs/lib/kernels.ts")).base64;
  }
}
