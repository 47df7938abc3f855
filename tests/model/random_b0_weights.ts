/**
 * The weights and pictures of tests/fixtures/make_forward.py, drawn again to the bit: nothing of
 * 21 MB needs to be stored. Also what the benchmark runs every contender on.
 *
 * The list of names and shapes is written out here on its own, not taken from src/model, so that the
 * parity test would notice a wrong name there.
 *
 * @module
 */
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { sizeOf } from "../../src/core/host_tensor.ts";
import { RandomState } from "../../src/core/random.ts";

/** EfficientNet paper, table 1: expansion, kernel, stride, inputs, outputs, layers of stages 1 to 7. */
const STAGES = [
  [1, 3, 1, 32, 16, 1],
  [6, 3, 2, 16, 24, 2],
  [6, 5, 2, 24, 40, 2],
  [6, 3, 2, 40, 80, 3],
  [6, 5, 1, 80, 112, 3],
  [6, 5, 2, 112, 192, 4],
  [6, 3, 1, 192, 320, 1],
] as const;

/** One MBConv block of the table, for programs that walk it. */
export interface BlockShape {
  /** Prefix of its tensors, `"features.2.0.block"`. */
  readonly prefix: string;
  /** Whether it begins with an expanding 1 x 1 convolution; the other parts then move up by one. */
  readonly expands: boolean;
  /** Channels within the block. */
  readonly expanded: number;
  /** Channels between squeeze and excite. */
  readonly squeezed: number;
  /** Size of the depthwise kernel. */
  readonly kernel: number;
  /** 1 or 2. */
  readonly stride: number;
  /** Channels in. */
  readonly inputs: number;
  /** Channels out. */
  readonly outputs: number;
}

/** The 16 blocks of B0 in order, or with one more in each stage the 23 of B1. */
export function blockShapes(more: 0 | 1 = 0): BlockShape[] {
  return STAGES.flatMap(([expansion, kernel, stride, inputs, outputs, layers], stage) =>
    Array.from({ length: layers + more }, (_, layer) => {
      const blockInputs = layer === 0 ? inputs : outputs;
      return {
        prefix: `features.${stage + 1}.${layer}.block`,
        expands: expansion > 1,
        expanded: blockInputs * expansion,
        squeezed: Math.max(1, Math.floor(blockInputs / 4)),
        kernel,
        stride: layer === 0 ? stride : 1,
        inputs: blockInputs,
        outputs,
      };
    })
  );
}

/** Every entry of torchvision's `efficientnet_b0().state_dict()` with its shape (OIHW), 360 in all; with more blocks of B1's. */
export function stateShapes(more: 0 | 1 = 0): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const normalised = (prefix: string, kernelShape: readonly number[]) => {
    shapes.set(`${prefix}.0.weight`, kernelShape);
    for (const leaf of ["weight", "bias", "running_mean", "running_var"]) {
      shapes.set(`${prefix}.1.${leaf}`, [kernelShape[0]]);
    }
    shapes.set(`${prefix}.1.num_batches_tracked`, []);
  };
  normalised("features.0", [32, 3, 3, 3]);
  for (const block of blockShapes(more)) {
    const { prefix, expanded, squeezed, kernel, inputs, outputs } = block;
    let part = 0;
    if (block.expands) normalised(`${prefix}.${part++}`, [expanded, inputs, 1, 1]);
    normalised(`${prefix}.${part++}`, [expanded, 1, kernel, kernel]);
    shapes.set(`${prefix}.${part}.fc1.weight`, [squeezed, expanded, 1, 1]);
    shapes.set(`${prefix}.${part}.fc1.bias`, [squeezed]);
    shapes.set(`${prefix}.${part}.fc2.weight`, [expanded, squeezed, 1, 1]);
    shapes.set(`${prefix}.${part++}.fc2.bias`, [expanded]);
    normalised(`${prefix}.${part}`, [outputs, expanded, 1, 1]);
  }
  normalised("features.8", [1280, 320, 1, 1]);
  shapes.set("classifier.1.weight", [1000, 1280]);
  shapes.set("classifier.1.bias", [1000]);
  return shapes;
}

/** All tensors of B0, equal to `draw_weights` of make_forward.py with the same seed, bit for bit. */
export function randomB0Tensors(seed: number): Map<string, HostTensor> {
  const random = new RandomState(seed);
  const shapes = stateShapes();
  const drawn = new Map<string, HostTensor>();
  for (const name of [...shapes.keys()].sort()) {
    const shape = shapes.get(name)!;
    if (name.endsWith("num_batches_tracked")) {
      drawn.set(name, { dtype: "int64", shape, data: new BigInt64Array(1) });
      continue;
    }
    const [low, high] = bounds(name, shape, shapes);
    drawn.set(name, { dtype: "float32", shape, data: uniform(random, sizeOf(shape), low, high) });
  }
  return drawn;
}

/** `[images, size, size, 3]` from -2 to 2, equal to `draw_pixels` of make_forward.py, bit for bit. */
export function randomPixels(seed: number, size: number, images: number): Float32Array {
  return uniform(new RandomState(seed + size), images * size * size * 3, -2, 2);
}

/** base64 of little-endian float32, as the fixtures hold their numbers. */
export function decodeFloats(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from(
    { length: bytes.length / 4 },
    (_, i) => view.getFloat32(4 * i, true),
  );
}

function uniform(
  random: RandomState,
  length: number,
  low: number,
  high: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = low + (high - low) * random.randomDouble();
  return values;
}

/** The twin of `bounds` in make_forward.py. */
function bounds(
  name: string,
  shape: readonly number[],
  shapes: ReadonlyMap<string, readonly number[]>,
): readonly [number, number] {
  if (shape.length === 4) {
    const bound = Math.sqrt(6 / (shape[1] * shape[2] * shape[3]));
    return [-bound, bound];
  }
  if (shape.length === 2) return [-0.05, 0.05];
  const dot = name.lastIndexOf(".");
  if (!shapes.has(`${name.slice(0, dot)}.running_mean`)) return [-0.5, 0.5];
  switch (name.slice(dot + 1)) {
    case "weight":
    case "running_var":
      return [0.5, 1.5];
    default:
      return [-0.5, 0.5];
  }
}
