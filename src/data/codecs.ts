/** The one boundary to the decoders in WebAssembly. @module */

import { decodeBase64 } from "../core/base64.ts";
import { givenModule } from "../core/given_modules.ts";

/** What a decoder made of a file: RGBA with straight alpha, `[height, width, 4]`. */
export interface Decoded {
  /** Samples. */
  readonly data: Uint8Array;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/** Exports of png.wasm; sizes are those of the last picture. */
interface PngExports {
  readonly memory: WebAssembly.Memory;
  walloc(size: number): number;
  wfree(address: number): void;
  /** Address of RGBA samples, below 0 = an error. */
  decode(address: number, size: number): number;
  width(): number;
  height(): number;
}

/** Memory of WebAssembly never shrinks: an instance that a large picture has blown up is not kept. */
const KEPT_BYTES = 64 << 20;

/** The compiled decoders. */
export interface CodecModules {
  /** png.wasm */
  readonly png: WebAssembly.Module;
}

/** Where the bytes of the decoders are; loaded when one is needed. */
const LIBRARIES = {
  png: () => import("./_codecs/lib/png.ts"),
};

const compiled: Partial<Record<keyof CodecModules, Promise<WebAssembly.Module>>> = {};

async function codec(name: keyof CodecModules): Promise<WebAssembly.Module> {
  return givenModule(name) ?? await (compiled[name] ??= LIBRARIES[name]()
    .then(({ base64 }) => WebAssembly.compile(decodeBase64(base64))));
}

/** The compiled decoders, to be given to another thread. */
export async function codecModules(): Promise<CodecModules> {
  return { png: await codec("png") };
}

/** A decoder whose instance is made when needed, and dropped when it has failed or grown large. */
function createDecoder<E extends { readonly memory: WebAssembly.Memory }, Options = undefined>(
  name: keyof CodecModules,
  decode: (exports: E, bytes: Uint8Array, options?: Options) => Decoded | undefined,
): (bytes: Uint8Array, options?: Options) => Promise<Decoded | undefined> {
  let kept: E | undefined;
  return async (bytes, options) => {
    const module = await codec(name);
    const exports = kept ?? instantiate<E>(module);
    kept = undefined; // so that nothing is kept when it traps
    try {
      const decoded = decode(exports, bytes, options);
      if (exports.memory.buffer.byteLength <= KEPT_BYTES) kept = exports;
      return decoded;
    } catch (error) {
      // A panic of the decoder on a damaged file, or no memory left.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
        return undefined;
      }
      throw error;
    }
  };
}

function instantiate<E>(module: WebAssembly.Module): E {
  // png.wasm tells when its memory grows; the views below are made anew each time.
  const env = { emscripten_notify_memory_growth: () => {} };
  return new WebAssembly.Instance(module, { env }).exports as E;
}

/**
 * Decodes a PNG file to 8 bits a sample; palettes and transparent colours become RGBA, of 16 bits the higher 8 are
 * taken.
 *
 * @returns `undefined` when it cannot be decoded.
 */
export const decodePng: (bytes: Uint8Array) => Promise<Decoded | undefined> = createDecoder(
  "png",
  (wasm: PngExports, bytes) => {
    const file = wasm.walloc(bytes.length);
    if (file === 0) return undefined;
    new Uint8Array(wasm.memory.buffer, file, bytes.length).set(bytes);
    const address = wasm.decode(file, bytes.length);
    wasm.wfree(file);
    if (address <= 0) return undefined;
    const [height, width] = [wasm.height(), wasm.width()];
    const data = copy(wasm.memory, address, height * width * 4);
    wasm.wfree(address);
    return { data, height, width };
  },
);

/** A copy in memory of our own; the decoder's is used again. */
function copy(memory: WebAssembly.Memory, address: number, length: number): Uint8Array {
  return new Uint8Array(memory.buffer, address >>> 0, length).slice();
}
