/** Whether a program without types passes a classifier, and a data set beside it. @module */

import type { OptionTaker } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { holdsBytes } from "../core/given_bytes.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { ImageDataset } from "../data/dataset.ts";
import { Classifier } from "./classifier.ts";

/**
 * Refuses what is no classifier or no data set, and both in the wrong order.
 *
 * @param taker Who takes them.
 * @throws {UserError} With what they are, and what to write.
 */
export function checkModelAndData(
  { model, data }: { readonly model: unknown; readonly data: unknown },
  { action, method }: OptionTaker,
): void {
  const [isModel, isData] = [model instanceof Classifier, data instanceof ImageDataset];
  if (isModel && isData) return;
  const isSource = (value: unknown) =>
    typeof value === "string" || value instanceof URL || holdsBytes(value);
  const advice = awaitAdvice(model) ?? awaitAdvice(data) ??
    (!isModel && isSource(model)
      ? "open it first: await loadClassifier(file)"
      : !isData && isSource(data)
      ? "open the data first: await ImageDataset.open(source)"
      : `write ${method}(model, data)`);
  throw new UserError(
    `Cannot ${action}: ${method} takes a classifier and an ImageDataset, got ${
      givenKind(model)
    } and ${givenKind(data)}; ${advice}`,
  );
}

/**
 * Refuses what is not a pair of classifiers.
 *
 * @throws {UserError} With what it is, and what to write.
 */
export function checkPair(pair: unknown, { action, method }: OptionTaker): void {
  const { a, b } = (pair ?? {}) as { readonly a?: unknown; readonly b?: unknown };
  if (a instanceof Classifier && b instanceof Classifier) return;
  const isPair = typeof pair === "object" && pair !== null && ("a" in pair || "b" in pair);
  const got = isPair ? `a: ${givenKind(a)}, b: ${givenKind(b)}` : givenKind(pair);
  const advice = awaitAdvice(a) ?? awaitAdvice(b) ?? `write ${method}({ a: one, b: other }, data)`;
  throw new UserError(`Cannot ${action}: ${method} takes two classifiers, got ${got}; ${advice}`);
}

/**
 * Refuses what is no classifier.
 *
 * @throws {UserError} With what it is.
 */
export function checkModel(model: unknown, { action, method }: OptionTaker): void {
  if (model instanceof Classifier) return;
  const advice = awaitAdvice(model) ?? "see createClassifier and loadClassifier";
  throw new UserError(
    `Cannot ${action}: ${method} takes a classifier, got ${givenKind(model)}; ${advice}`,
  );
}
