/** The WebAssembly modules, decoded from their embedded bytes and checked. @module */

import { decodeBase64 } from "../core/base64.ts";
import { givenModule } from "../core/given_modules.ts";

interface Embedded {
  readonly base64: string;
  readonly sha256: string;
}

/**
 * SHA-256 of the tfjs 4.22.0 binaries that the loader was written for. It drives structures inside them, so
 * another build of the same version must not be taken.
 */
const TFJS_SHA256: Readonly<Record<"threaded" | "single", string>> = {
  threaded: "c052228d4bef185c27bbe59a9e029570c78bbb9f08b3cb46b597851650373de2",
  single: "77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b",
};

/** A pair that shares one linear memory. */
export interface WasmModules {
  /** tfjs's own binary. */
  readonly tfjs: WebAssembly.Module;
  /** graft's kernels. */
  readonly kernels: WebAssembly.Module;
}

/** The pair that was handed in, for one thread; undefined where it was not. */
export function givenPair(): WasmModules | undefined {
  const [tfjs, kernels] = [givenModule("tfjs"), givenModule("kernels")];
  return tfjs && kernels && { tfjs, kernels };
}

/** Compiles tfjs's binary and graft's kernels for one kind of memory. */
export async function wasmModules(kind: "threaded" | "single", fma: boolean): Promise<WasmModules> {
  const [tfjs, kernels] = await Promise.all([
    (kind === "threaded"
      ? import("./_wasm/lib/tfjs_threaded.ts")
      : import("./_wasm/lib/tfjs_single.ts"))
      .then((embedded) => compile(embedded, TFJS_SHA256[kind])),
    kernelBytes(kind, fma).then((embedded) => compile(embedded, embedded.sha256)),
  ]);
  return { tfjs, kernels };
}

function kernelBytes(kind: "threaded" | "single", fma: boolean): Promise<Embedded> {
  if (kind === "threaded") {
    return fma
      ? import("./_wasm/lib/kernels_shared_fma.ts")
      : import("./_wasm/lib/kernels_shared.ts");
  }
  return fma
    ? import("./_wasm/lib/kernels_single_fma.ts")
    : import("./_wasm/lib/kernels_single.ts");
}

async function compile(embedded: Embedded, sha256: string): Promise<WebAssembly.Module> {
  const bytes = decodeBase64(embedded.base64);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== sha256) {
    throw new Error(
      `Cannot start the backend: the embedded binary has SHA-256 ${hex}, expected ${sha256}`,
    );
  }
  return await WebAssembly.compile(bytes);
}

/** (func (result v128) f32x4.relaxed_madd of three zeros): valid only where relaxed SIMD is known. */
// deno-fmt-ignore
const RELAXED_SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
]);

/** Whether the engine takes relaxed SIMD, which carries the fused multiply-add. */
export function relaxedSimdSupported(): boolean {
  return WebAssembly.validate(RELAXED_SIMD);
}

/** (memory 1 1 shared) and an atomic load. */
// deno-fmt-ignore
const SHARED_MEMORY = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0,
  65, 0, 254, 16, 2, 0, 26, 11,
]);

/** Why threads cannot run here, or undefined where it is worth trying; the trial itself decides. */
export function whyNoThreads(): string | undefined {
  try {
    if (typeof SharedArrayBuffer === "undefined") return "there is no SharedArrayBuffer";
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    // On Supabase's edge runtime SharedArrayBuffer is an alias of ArrayBuffer.
    if (!(memory.buffer instanceof SharedArrayBuffer) || memory.buffer instanceof ArrayBuffer) {
      return "memory cannot be shared";
    }
    Atomics.wait(new Int32Array(memory.buffer), 0, 1); // "not-equal" at once, or throws where waiting is forbidden
    if (!WebAssembly.validate(SHARED_MEMORY)) return "WebAssembly threads are not supported";
    return undefined;
  } catch (error) {
    return `shared memory was refused (${error instanceof Error ? error.message : error})`;
  }
}
