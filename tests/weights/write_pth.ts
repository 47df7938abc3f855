/** Checkpoints as torch.save lays them out, as far as tests need them. @module */

import type { HostTensor } from "../../src/core/host_tensor.ts";
import { assemble, tensor, text, zip } from "./assemble_pth.ts";

/** A dict of float32 tensors, of numbers and text, or of such dicts. */
export interface Saved {
  readonly [key: string]: HostTensor | number | string | Saved;
}

/** The bytes of `torch.save(saved, path)`. */
export function writePth(saved: Saved): Uint8Array<ArrayBuffer> {
  const storages: [string, Uint8Array][] = [];
  const pickled = (value: Saved[string]): ReturnType<typeof tensor> => {
    if (typeof value === "number") return `K${String.fromCharCode(value)}`;
    if (typeof value === "string") return text(value);
    if (!isTensor(value)) {
      return ["}(", ...Object.entries(value).map(([key, own]) => [text(key), pickled(own)]), "u"];
    }
    const { data, shape } = value;
    const key = String(storages.length);
    storages.push([
      `archive/data/${key}`,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    return tensor(shape, strides, { key, length: data.length });
  };
  const pickle = assemble(0x80, 2, pickled(saved), ".");
  return zip([["archive/data.pkl", pickle], ...storages]);
}

function isTensor(value: HostTensor | Saved): value is HostTensor {
  return value.data instanceof Float32Array;
}
