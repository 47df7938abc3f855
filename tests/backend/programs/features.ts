/**
 * Starts the backend, runs the trunk and prints what it found as one line of JSON. The first argument, where
 * there is one, says what is taken away before anything is imported; the second is the number of threads.
 */
const [without, threads] = Deno.args;
if (without === "SharedArrayBuffer") {
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
} else if (without === "shared memory") { // as on Supabase's edge runtime
  Object.defineProperty(globalThis, "SharedArrayBuffer", { value: ArrayBuffer });
} else if (without === "Atomics.wait") { // as on a browser's main thread
  Atomics.wait = () => {
    throw new TypeError("Atomics.wait cannot be called in this context");
  };
} else if (without === "SIMD") {
  WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError("SIMD unsupported"));
}
const { startBackend } = await import("../../../src/backend/mod.ts");
const { createTrunk } = await import("../../../src/model/trunk.ts");
const { randomWeights } = await import("../../../src/model/random_weights.ts");
const { sha256Hex } = await import("../../../src/core/sha256.ts");
const { tf } = await import("../../tfjs.ts");

const report = await startBackend({ threads: threads ? Number(threads) : undefined });
using trunk = createTrunk(await randomWeights(1));
const pixels = Float32Array.from({ length: 3 * 32 * 32 * 3 }, (_, i) => (i * 37 % 256) / 64 - 2);
const features = trunk.features(tf.tensor4d(pixels, [3, 32, 32, 3]));
const hash = await sha256Hex(new Uint8Array((await features.data()).slice().buffer));
console.log(JSON.stringify({ report, hash, tfjsBackend: tf.getBackend() }));
