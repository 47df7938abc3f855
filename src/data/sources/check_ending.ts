/** What is no table by its name or its content. @module */

import { UserError } from "../../core/errors.ts";
import { whatItIs } from "../file_kind.ts";
import { pictureKind } from "../image_header.ts";
import { hasPictureName } from "./picture_files.ts";

/** Names that say that a file is an archive. */
const ARCHIVE_NAME = /\.(zip|tar|tgz|7z|rar)$/i;

/**
 * Refuses to take for a CSV what is a picture, or is called one or an archive: a download that failed is often text.
 *
 * @param name Path or address.
 * @param head The first bytes of the file.
 * @throws {UserError} With what it is, and what was expected.
 */
export function checkEnding(name: string, head: Uint8Array): void {
  const kind = pictureKind(head);
  if (kind !== undefined) {
    throw new UserError(
      `Cannot read ${name}: it looks like ${
        kind === "AVIF" ? "an" : "a"
      } ${kind} picture, expected many: give the folder that holds them`,
    );
  }
  const expected = isCalledPicture(name)
    ? "a JPEG or PNG picture"
    : ARCHIVE_NAME.test(pathOf(name))
    ? "a zip archive"
    : undefined;
  if (expected === undefined) return;
  throw new UserError(`Cannot read ${name}: ${whatItIs(head)}, expected ${expected}`);
}

/** Whether a path or an address ends as pictures do. */
export function isCalledPicture(source: string): boolean {
  return hasPictureName(pathOf(source));
}

/** What an address asks for is no part of the file's name. */
function pathOf(source: string): string {
  return /^https?:/i.test(source) ? source.replace(/[?#].*$/s, "") : source;
}
