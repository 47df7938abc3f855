/** What programs without types may pass by mistake. @module */

import { UserError } from "../core/errors.ts";
import { ImageDataset } from "../data/dataset.ts";

/**
 * Refuses what is no data set before a part of it is asked for.
 *
 * @param action What cannot be done: `"train"`.
 * @param method What was called: `"fit"`.
 * @throws {UserError} With what it is, and what to write.
 */
export function checkDataset(data: unknown, action: string, method: string): void {
  if (data instanceof ImageDataset) return;
  const isSource = typeof data === "string" || data instanceof URL;
  const advice = isSource
    ? `open it first: ${method}(await ImageDataset.open(source))`
    : "see ImageDataset.open, fromImages and fromPixels";
  throw new UserError(
    `Cannot ${action}: ${method} takes an ImageDataset, got ${givenKind(data)}; ${advice}`,
  );
}

/**
 * Refuses a picture where a list of them is expected: text and bytes have a length, too.
 *
 * @throws {UserError} With what to write.
 */
export function checkPictures(pictures: unknown): void {
  if (pictures instanceof ImageDataset || Array.isArray(pictures)) return;
  throw new UserError(
    `Cannot predict: predict takes a list of pictures or an ImageDataset, got ${
      givenKind(pictures)
    }; write predict([picture])`,
  );
}

/** What a value is, in words: `"a string"`, `"nothing"`, `"Uint8Array"`. */
export function givenKind(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "a list";
  const name = value.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : name;
}
