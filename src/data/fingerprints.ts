/** Images that a model was trained on, told again later by their hashes. @module */

import { decodeBase64, encodeBase64 } from "../core/base64.ts";

/**
 * Fingerprints of a set of images: of more than {@linkcode MAX_FINGERPRINTS}, the smallest ones, which are a random sample that is the
 * same for every set (a bottom-k sketch).
 *
 * These are hashes and nothing else: no image can be made from them. Whoever has an image can tell that the model was trained on it,
 * which is what they are for.
 */
export interface Fingerprints {
  /** Number of images. */
  readonly images: number;
  /** The first 8 bytes of the SHA-256 of each image, ascending, in base64. */
  readonly hashes: string;
}

/** Fingerprints that a set keeps at the most: 64 KiB, 87 KB as text. */
export const MAX_FINGERPRINTS = 8192;

const BYTES = 8;

/**
 * Fingerprints of images.
 *
 * @param hashes SHA-256 of each, as hex.
 *
 * @example
 * ```ts
 * import { sha256Hex } from "../core/sha256.ts";
 * import { countKnown, fingerprintsOf } from "./fingerprints.ts";
 * const hashes = await Promise.all([1, 2, 3].map((byte) => sha256Hex(Uint8Array.of(byte))));
 * const known = fingerprintsOf(hashes.slice(0, 2));
 * if (countKnown(hashes, known).known !== 2) throw new Error();
 * ```
 */
export function fingerprintsOf(hashes: readonly string[]): Fingerprints {
  const distinct = [...new Set(hashes.map((hash) => hash.slice(0, 2 * BYTES)))].sort();
  const kept = distinct.slice(0, MAX_FINGERPRINTS);
  const bytes = new Uint8Array(BYTES * kept.length);
  kept.forEach((hash, i) => {
    for (let k = 0; k < BYTES; k++) {
      bytes[BYTES * i + k] = parseInt(hash.slice(2 * k, 2 * k + 2), 16);
    }
  });
  return { images: hashes.length, hashes: encodeBase64(bytes) };
}

/** Of some images, those that a set is known to have. */
export interface KnownImages {
  /** Images that are in the set. */
  readonly known: number;
  /** Images that could be looked up: all of them, unless the set is so large that it keeps a sample. */
  readonly compared: number;
}

/**
 * Counts the images that are in a set.
 *
 * @param hashes SHA-256 of each image, as hex.
 */
export function countKnown(hashes: readonly string[], set: Fingerprints): KnownImages {
  const bytes = decodeBase64(set.hashes);
  const kept = new Set<string>();
  for (let i = 0; i + BYTES <= bytes.length; i += BYTES) {
    kept.add(
      Array.from(bytes.subarray(i, i + BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      ),
    );
  }
  // Of a sample, only hashes up to its largest one tell something.
  const largest = kept.size < MAX_FINGERPRINTS ? undefined : [...kept].at(-1)!;
  const asked = hashes.map((hash) => hash.slice(0, 2 * BYTES))
    .filter((hash) => largest === undefined || hash <= largest);
  return { known: asked.filter((hash) => kept.has(hash)).length, compared: asked.length };
}
