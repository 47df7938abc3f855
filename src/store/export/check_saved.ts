/** Whether what is to be exported is a kept model. @module */

import { UserError } from "../../core/errors.ts";
import { awaitAdvice, givenKind } from "../../core/given_kind.ts";

/**
 * Refuses what `loadModel` has not opened: a classifier, for instance.
 *
 * @throws {UserError} With what it is, and what to write.
 */
export function checkSaved(model: unknown): void {
  if (typeof model === "object" && model !== null && "manifest" in model) return;
  throw new UserError(
    `Cannot export the model: expected a kept model, got ${givenKind(model)}; ${
      awaitAdvice(model) ?? "write await loadModel(file), or await loadModel(await model.toBytes())"
    }`,
  );
}
