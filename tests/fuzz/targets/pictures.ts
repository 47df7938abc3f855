/** JPEG and PNG files. @module */
import { checkDecodable, decodeImage, encodedShape } from "../../../src/data/decode.ts";
import type { Dice } from "../dice.ts";
import { jpegFile } from "../jpeg_files.ts";
import { pngFile } from "../png_files.ts";
import { check, checkEqual, orRefused, type Outcome, type Target } from "../target.ts";

/** Files that libjpeg made, small ones. */
function realJpegs(): Uint8Array[] {
  const text = Deno.readTextFileSync(new URL("../../fixtures/jpegs.json", import.meta.url));
  const files: readonly { readonly file: string }[] = JSON.parse(text);
  return files
    .map(({ file }) => Uint8Array.from(atob(file), (character) => character.charCodeAt(0)))
    .filter(({ length }) => length < 4000);
}

/** JPEG files. */
export function jpegTarget(): Target {
  const others = realJpegs();
  return { make: (dice) => jpegFile(dice, others), run: decodeBothWays };
}

/** PNG files. */
export function pngTarget(): Target {
  return { make: pngFile, run: decodeBothWays };
}

/** Decodes a file and checks it without decoding it whole; both must say the same. */
export async function decodeBothWays(bytes: Uint8Array, dice: Dice): Promise<Outcome> {
  // Rarely as many as anybody may have, seldom as a server allows, usually fewer: headers lie for nothing.
  const maxPixels = dice.chance(0.002) ? undefined : dice.chance(0.02) ? 24_000_000 : 1_000_000;
  const options = { name: "the picture", maxPixels };
  const before = dice.chance(0.1) ? bytes.slice() : undefined;
  const image = await orRefused(() => decodeImage(bytes, options));
  const shape = await orRefused(() => checkDecodable(bytes, options));
  if (before) checkEqual(before, bytes, "the file was changed");
  check(
    (image === undefined) === (shape === undefined),
    "decoding and checking disagree",
    `decoding ${image ? "succeeds" : "fails"}, checking ${shape ? "succeeds" : "fails"}`,
  );
  if (image === undefined || shape === undefined) return "refused";
  const { data, height, width, channels } = image;
  check(
    data.length === height * width * channels,
    "pixels do not have the image's size",
    data.length,
  );
  check(
    height > 0 && width > 0 && (channels === 1 || channels === 3),
    "no such image",
    `${height} x ${width} x ${channels}`,
  );
  const said = encodedShape(bytes, options);
  for (const { height: h, width: w, channels: c } of [shape, said]) {
    check(
      h === height && w === width && c === channels,
      "another shape than was said",
      `${h} x ${w} x ${c}, decoded ${height} x ${width} x ${channels}`,
    );
  }
  if (dice.chance(0.25)) {
    checkEqual((await decodeImage(bytes, options)).data, data, "decoding twice differs");
  }
  if (dice.chance(0.25)) {
    const atLeast = { height: dice.size(height), width: dice.size(width) };
    const small = await decodeImage(bytes, { ...options, atLeast });
    check(
      small.height >= Math.min(height, atLeast.height) && small.channels === channels &&
        small.data.length === small.height * small.width * channels &&
        small.height * width === small.width * height,
      "a smaller image of another shape",
      `${small.height} x ${small.width} of ${height} x ${width}`,
    );
  }
  return "accepted";
}
