/** Packed kernels of pointwise convolutions beside the plain definition, bit for bit. */
import assert from "node:assert/strict";
import { runningBackend, startRuntime } from "../../src/backend/start.ts";
import { packGemm } from "../../src/backend/ops/gemm.ts";
import { type PointwiseKernel, pointwisePacker } from "../../src/backend/pack_pointwise.ts";
import { RandomState } from "../../src/core/random.ts";

const random = new RandomState(3);
const draw = (length: number, low = -1, high = 1) =>
  Float64Array.from({ length }, () => low + (high - low) * random.randomDouble());

/** `[outputs][inputs]` as the GEMM reads it, each number rounded as the definition says. */
function expected({ values, scales, factors, outputs }: PointwiseKernel): Float32Array {
  const inputs = values.length / outputs;
  const up = (count: number) => Math.ceil(count / 8) * 8;
  const packed = new Float32Array(up(inputs) * up(outputs));
  packGemm(packed, inputs, outputs, (k, n) => {
    const value = values[n * inputs + k];
    return (scales ? Math.fround(value * scales[n]) : value) * (factors ? factors[n] : 1);
  });
  return packed;
}

Deno.test({
  name: "kernels are packed as their definition says, whole panels or not",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await startRuntime();
    const { runtime } = runningBackend();
    using packer = pointwisePacker(runtime, 64 * 64, 64);
    const floats = 64 * 64;
    const to = runtime.allocate(floats * 4);
    try {
      for (
        const [inputs, outputs] of [[8, 8], [16, 24], [4, 32], [6, 40], [33, 7], [1, 1], [3, 9]]
      ) {
        const values = Float32Array.from(draw(inputs * outputs));
        const codes = Int8Array.from(draw(inputs * outputs, -127, 127.99), Math.trunc);
        const scales = Float32Array.from(draw(outputs, 1e-3, 0.1));
        const factors = draw(outputs, -2, 2);
        const kernels: PointwiseKernel[] = [
          { values, outputs },
          { values, outputs, factors },
          { values: codes, scales, outputs },
          { values: codes, scales, outputs, factors },
        ];
        for (const kernel of kernels) {
          const wanted = expected(kernel);
          const memory = () => new Float32Array(runtime.memory.buffer, to, floats);
          memory().fill(7);
          packer.pack(to, kernel);
          const what = `${inputs} x ${outputs}, ${Object.keys(kernel)}`;
          assert.deepEqual(memory().slice(0, wanted.length), wanted, what);
          assert.ok(
            memory().subarray(wanted.length).every((value) => value === 7),
            `${what}: beyond`,
          );
        }
      }
    } finally {
      runtime.free(to);
    }
  },
});
