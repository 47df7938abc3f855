/** What torchvision makes of the same pictures; made by tests/fixtures/make_transforms.py. */
import type { Image } from "../../../src/data/image.ts";

export interface StoredImage extends Omit<Image, "data"> {
  data: string;
}

const stored: {
  images: StoredImage[];
  cases: { function: string; image: number; arguments: unknown[]; expected: StoredImage }[];
  trivial: { name: string; magnitudes: number[]; signed: boolean }[];
  random: {
    kind: string;
    // deno-lint-ignore no-explicit-any
    options: any;
    seed: number;
    image: number;
    expected: StoredImage;
    next: number;
  }[];
  erasing: { options: object; seed: number; side: number; pixels: string; expected: string }[];
  mix: {
    pixels: string;
    shape: [number, number, number, number];
    targets: string;
    mixes: { share: number; pixels: string; targets: string }[];
    cuts: {
      share: number;
      x: number;
      y: number;
      box: { top: number; left: number; bottom: number; right: number };
      pixels: string;
      targets: string;
    }[];
  };
} = JSON.parse(
  Deno.readTextFileSync(new URL("../../fixtures/transforms.json", import.meta.url)),
);

/** Floats from base64. */
export const floats = (text: string) => new Float32Array(Uint8Array.fromBase64(text).buffer);

/** A picture from the file. */
export const load = (image: StoredImage): Image => ({
  ...image,
  data: Uint8Array.fromBase64(image.data),
});

/** The pictures that all cases start from. */
export const images = stored.images.map(load);
export const { cases, trivial, random, erasing, mix } = stored;

/** How much of a picture is another's, and how far the rest lies apart. */
export function compare(a: Image, b: Image): { equal: number; worst: number } {
  if (a.height !== b.height || a.width !== b.width || a.channels !== b.channels) {
    throw new Error(
      `${a.height} x ${a.width} x ${a.channels} against ${b.height} x ${b.width} x ${b.channels}`,
    );
  }
  if (a.data.length !== b.data.length) throw new Error(`${a.data.length} != ${b.data.length}`);
  let same = 0, worst = 0;
  a.data.forEach((value, i) => {
    const apart = Math.abs(value - b.data[i]);
    if (apart === 0) same++;
    worst = Math.max(worst, apart);
  });
  return { equal: same / a.data.length, worst };
}
