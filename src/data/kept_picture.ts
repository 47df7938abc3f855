/** What a data set has of a picture before it is decoded. @module */

import type { Image } from "./image.ts";

/** A picture file and what it takes to decode it. */
export interface EncodedPicture {
  /** The whole file. */
  readonly file: Uint8Array;
  /** What to call it in messages. */
  readonly name: string;
  /** See `decodeImage`. */
  readonly maxPixels?: number;
}

/** A picture as a data set keeps it: decoded, or as a file. */
export type KeptPicture = Image | EncodedPicture;
