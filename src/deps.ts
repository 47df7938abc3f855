/**
 * Every third-party specifier of the project, inline and once. A URL run ignores a remote `deno.json`,
 * so bare specifiers would break there; nothing else in the project may name a package.
 *
 * `jsr:@std/*` resolves to the stand-ins in `offline/` inside this checkout (workspace members) and to
 * the genuine packages for everyone who imports graft from JSR or a URL.
 *
 * @module
 */
export type * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
export type { BackendWasm } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
export { parseArgs } from "jsr:@std/cli@^1.0/parse-args";
export { parse as parseCsv } from "jsr:@std/csv@^1.0.6/parse";

/** The reader of zip archives, loaded when the first one is opened. */
export function importZip(): Promise<
  typeof import("npm:@zip.js/zip.js@2.24.0/lib/zip-core-native.js")
> {
  return import("npm:@zip.js/zip.js@2.24.0/lib/zip-core-native.js");
}

/** tfjs's JavaScript, loaded when its tensors are needed: it would be a fifth of every cold start. */
export async function importTfjs(): Promise<{
  readonly tf: typeof import("npm:@tensorflow/tfjs-core@4.22.0");
  readonly BackendWasm: typeof import("npm:@tensorflow/tfjs-backend-wasm@4.22.0")["BackendWasm"];
}> {
  const tf = await import("npm:@tensorflow/tfjs-core@4.22.0");
  const { BackendWasm } = await import("npm:@tensorflow/tfjs-backend-wasm@4.22.0");
  return { tf, BackendWasm };
}
