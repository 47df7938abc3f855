/** Tensors of 8-bit numbers with one scale per output channel, multiplied only where they are read. @module */
import type { HostTensor } from "../core/host_tensor.ts";

/**
 * Float32 numbers that are kept as codes and scales, in a quarter of the bytes. Whoever reads `data` gets a new array each time;
 * what is to be packed is packed from codes and scales, without one.
 */
export interface ScaledTensor extends HostTensor {
  /** 8-bit whole numbers, row-major, output channels first. */
  readonly codes: Int8Array;
  /** What the codes of each output channel are multiplied by. */
  readonly scales: Float32Array;
}

/** The tensor of `codes[o, …] * scales[o]`. */
export function scaledTensor(
  shape: readonly number[],
  codes: Int8Array,
  scales: Float32Array,
): ScaledTensor {
  return {
    dtype: "float32",
    shape,
    codes,
    scales,
    get data() {
      const data = new Float32Array(codes.length);
      const perOutput = codes.length / scales.length;
      for (let o = 0, i = 0; o < scales.length; o++) {
        for (const end = i + perOutput; i < end; i++) data[i] = codes[i] * scales[o];
      }
      return data;
    },
  };
}

/** Whether a tensor's numbers are kept that way. */
export function isScaled(tensor: HostTensor): tensor is ScaledTensor {
  return "codes" in tensor;
}
