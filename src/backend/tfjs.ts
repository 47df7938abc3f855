/** tfjs's JavaScript, which only tensors need: nothing loads it before. @module */

import { UserError } from "../core/errors.ts";
import { importTfjs } from "../deps.ts";

/** What {@linkcode importTfjs} comes to. */
type Tfjs = Awaited<ReturnType<typeof importTfjs>>;

let loaded: Tfjs | undefined;

/** Loads tfjs, once. */
export async function loadTfjs(): Promise<Tfjs> {
  return loaded ??= await importTfjs();
}

/**
 * tfjs, which {@linkcode loadTfjs} must have loaded.
 *
 * @throws {UserError} When it was not.
 */
export function tfjs(): Tfjs["tf"] {
  if (loaded) return loaded.tf;
  throw new UserError(
    "Cannot work with tensors: tfjs is not loaded; call `await startBackend()` first, also where a classifier was made or loaded before",
  );
}
