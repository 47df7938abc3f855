/** IDX files, plain and compressed, with their labels beside them. @module */
import { gzipSync } from "node:zlib";
import type { Dice } from "../dice.ts";
import { big, joined, mutate } from "../mutate.ts";
import type { Target } from "../target.ts";
import { scratch } from "./files.ts";
import { openAndLook } from "./opened.ts";

/** IDX files of images; their labels are drawn when they are read. */
export async function idxTarget(): Promise<Target> {
  const { path, remove } = await scratch();
  return {
    make: (dice) =>
      packed(
        idxFile(dice, [
          dice.size(30),
          dice.size(20),
          dice.size(20),
          ...dice.chance(0.1) ? [dice.pick([1, 3, 4])] : [],
        ]),
        dice,
      ),
    async run(bytes, dice) {
      const images = `${path}/train-images-idx3-ubyte`;
      const labels = `${path}/train-labels-idx1-ubyte`;
      Deno.writeFileSync(images, bytes);
      // Usually as many as there are images, where those are not compressed.
      const count = bytes.length >= 8 && bytes[0] === 0 && dice.chance(0.9)
        ? Math.min(1000, new DataView(bytes.buffer, bytes.byteOffset).getUint32(4))
        : dice.size(30);
      Deno.writeFileSync(labels, packed(idxFile(dice, [count]), dice));
      const options = {
        ...dice.chance(0.1) && { requireLabels: false },
        ...dice.chance(0.1) && { format: "idx" as const },
        ...dice.chance(0.05) && { shape: [dice.size(20), dice.size(20)] },
      };
      return await openAndLook(images, options, dice);
    },
    close: remove,
  };
}

/** A file of bytes of a shape, usually true. */
function idxFile(dice: Dice, sides: readonly number[]): Uint8Array<ArrayBuffer> {
  const shape = dice.chance(0.1) ? sides.slice(0, dice.below(sides.length + 1)) : sides;
  const said = shape.map((side) => dice.chance(0.97) ? side : dice.interesting());
  const length = shape.reduce((a, b) => a * b, 1) + (dice.chance(0.9) ? 0 : dice.between(-20, 20));
  const body = dice.chance(0.5)
    ? dice.bytes(Math.max(0, length))
    : new Uint8Array(Math.max(0, length));
  return joined(
    Uint8Array.of(
      0,
      0,
      dice.chance(0.97) ? 8 : dice.below(256),
      dice.chance(0.97) ? said.length : dice.below(256),
    ),
    ...said.map((side) => big(side, 4)),
    body,
  );
}

/** As it is, or compressed, at times twice, cut off or as a bomb. */
function packed(file: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array {
  if (dice.chance(0.5)) return dice.chance(0.15) ? mutate(file, dice) : file;
  if (dice.chance(0.003)) {
    const rows = dice.size(5000);
    const header = joined(Uint8Array.of(0, 0, 8, 3), big(rows, 4), big(100, 4), big(100, 4));
    const said = dice.chance(0.5)
      ? header
      : joined(header.subarray(0, 4), big(1, 4), header.subarray(8));
    return gzipSync(joined(said, new Uint8Array(rows * 10_000)), { level: 1 });
  }
  const once = gzipSync(file, { level: 1 });
  const whole = dice.chance(0.03)
    ? gzipSync(once, { level: 1 })
    : dice.chance(0.03)
    ? joined(once, once)
    : once;
  return dice.chance(0.2) ? mutate(whole, dice) : whole;
}
