/** What programs without types may pass by mistake. @module */

import type { OptionTaker } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { checkClassNames } from "../data/dataset_options.ts";
import { ImageDataset } from "../data/dataset.ts";
import { MAX_INPUT_SIZE, MIN_INPUT_SIZE } from "../model/stages.ts";
import type { ClassifierParts } from "./options.ts";

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
    ? "open it first: await ImageDataset.open(source)"
    : awaitAdvice(data) ?? "see ImageDataset.open, fromImages and fromPixels";
  throw new UserError(
    `Cannot ${action}: ${method} takes an ImageDataset, got ${givenKind(data)}; ${advice}`,
  );
}

/**
 * Refuses a picture where a list of them is expected: text and bytes have a length, too.
 *
 * @throws {UserError} With what to write.
 */
export function checkPictures(
  pictures: unknown,
  { action, method }: OptionTaker = { action: "predict", method: "predict" },
): void {
  if (pictures instanceof ImageDataset || Array.isArray(pictures)) return;
  throw new UserError(
    `Cannot ${action}: ${method} takes a list of pictures or an ImageDataset, got ${
      givenKind(pictures)
    }; ${
      awaitAdvice(pictures) ??
        (method === "predict" ? "write predict([picture])" : "write [picture]")
    }`,
  );
}

/**
 * Refuses a size that the network does not take, a way to fit pictures that is none, and classes that are no names.
 *
 * @throws {UserError} With what it is, and what is expected.
 */
export function checkRecipe(
  { imageSize, fit, classes }: Pick<ClassifierParts, "imageSize" | "fit" | "classes">,
): void {
  if (classes !== undefined) checkClassNames(classes, "make a classifier");
  const inRange = imageSize === undefined ||
    Number.isInteger(imageSize) && imageSize >= MIN_INPUT_SIZE && imageSize <= MAX_INPUT_SIZE;
  if (!inRange) {
    throw new UserError(
      `Cannot make a classifier: imageSize is ${imageSize}, expected a whole number from ${MIN_INPUT_SIZE} to ${MAX_INPUT_SIZE}`,
    );
  }
  if (fit !== "whole" && fit !== "crop") {
    throw new UserError(
      `Cannot make a classifier: fit is ${JSON.stringify(fit)}, expected "whole" or "crop"`,
    );
  }
}
