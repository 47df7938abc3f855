/** Whether a path is one. @module */

import { UserError } from "./errors.ts";
import { awaitAdvice, givenKind } from "./given_kind.ts";

/**
 * Refuses what names no file, before it becomes a name by force: a file called `undefined` is nobody's wish.
 *
 * @param action What cannot be done: `"save the model"`.
 * @throws {UserError} With what it is.
 *
 * @example
 * ```ts
 * import { checkPath } from "./check_path.ts";
 * checkPath("clothes.safetensors", "save the model");
 * ```
 */
export function checkPath(path: unknown, action: string): void {
  if (path instanceof URL || typeof path === "string" && path !== "") return;
  const found = path === "" ? "an empty one" : givenKind(path);
  throw new UserError(
    `Cannot ${action}: expected a path, got ${found}; ${
      awaitAdvice(path) ?? 'write it as text, for instance "clothes.safetensors"'
    }`,
  );
}
