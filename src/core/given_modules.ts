/** WebAssembly modules from outside, for places that do not let a program compile its own. @module */

/**
 * A module that graft needs:
 *
 * - `tfjs`: the single-threaded binary of tfjs's wasm backend; `kernels`: graft's kernels for its memory
 * - `pictures`: decoding and resizing of images
 */
export type WasmName = "tfjs" | "kernels" | "pictures";

/** Compiled modules by name. */
export type WasmModules = Partial<Readonly<Record<WasmName, WebAssembly.Module>>>;

/** All names. */
export const WASM_NAMES: readonly WasmName[] = ["tfjs", "kernels", "pictures"];

const given = new Map<WasmName, WebAssembly.Module>();

/**
 * Hands in compiled modules, to be taken in place of those that graft brings along: Cloudflare's workers compile WebAssembly when they
 * are uploaded and at no other time. `graft wasm --out FOLDER` writes the files. To be called before anything else; with `tfjs` and
 * `kernels` the backend runs on one thread.
 *
 * @example
 * ```ts ignore
 * import tfjs from "./tfjs.wasm";
 * import kernels from "./kernels.wasm";
 * import pictures from "./pictures.wasm";
 * import { createHandler, giveModules } from "@graft/vision/serve";
 *
 * giveModules({ tfjs, kernels, pictures });
 * ```
 */
export function giveModules(modules: WasmModules): void {
  for (const name of WASM_NAMES) {
    const module = modules[name];
    if (module !== undefined) given.set(name, module);
  }
}

/** The module that was handed in under a name. */
export function givenModule(name: WasmName): WebAssembly.Module | undefined {
  return given.get(name);
}
