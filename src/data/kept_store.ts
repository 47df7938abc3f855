/** Pictures of any sizes in memory, decoded or as files. @module */

import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { decodeImage, encodedShape } from "./decode.ts";
import { checkedImage, type Image } from "./image.ts";
import type { EncodedPicture, KeptPicture } from "./kept_picture.ts";
import type { PictureShape, PictureStore } from "./picture_store.ts";

/**
 * Pictures as they are; nothing is copied. Files are decoded when they are asked for, and not kept decoded.
 *
 * @throws {UserError} For what is no list of pictures; when a file is no JPEG or PNG, or has too many pixels; when the data of a decoded
 * picture do not have its size.
 */
export function keptStore(given: readonly KeptPicture[]): PictureStore {
  if (!Array.isArray(given)) {
    throw new UserError(
      `Cannot make a data set: fromImages takes a list of pictures, got ${givenKind(given)}; ${
        awaitAdvice(given) ?? "write fromImages([picture])"
      }`,
    );
  }
  const pictures = given.map(checked);
  const shapes = pictures.map(shapeOf);
  const name = (index: number) => {
    const picture = pictures[index];
    return isFile(picture) ? picture.name : `row ${index + 1}`;
  };
  return {
    length: pictures.length,
    shape: (index) => shapes[index],
    name,
    async read(indices, { signal } = {}) {
      const images: Image[] = [];
      for (const picture of Array.from(indices, (index) => pictures[index])) {
        signal?.throwIfAborted();
        images.push(isFile(picture) ? await decodeImage(picture.file, picture) : picture);
      }
      return images;
    },
    kept: (index) => Promise.resolve(pictures[index]),
    ...pictures.length > 0 && pictures.every(isFile) &&
      { bytes: (index: number) => Promise.resolve((pictures[index] as EncodedPicture).file) },
  };
}

/** A decoded picture that is one, or a file's bytes; what is in them is looked at when their shape is read. */
function checked(picture: KeptPicture, index: number): KeptPicture {
  const place = `picture ${index + 1}`;
  if (!isFile(picture)) return checkedImage(picture, place);
  const { file, name = place } = picture;
  if (file instanceof Uint8Array) {
    return picture.name === undefined ? { ...picture, name } : picture;
  }
  throw new UserError(
    `Cannot make a data set: the file of ${place} is ${givenKind(file)}, expected its bytes; ${
      awaitAdvice(file) ?? "of a File or Blob, write await file.bytes()"
    }`,
  );
}

function shapeOf(picture: KeptPicture): PictureShape {
  if (isFile(picture)) return encodedShape(picture.file, picture);
  const { height, width, channels } = picture;
  return { height, width, channels };
}

function isFile(picture: KeptPicture): picture is EncodedPicture {
  return picture !== null && typeof picture === "object" && "file" in picture;
}
