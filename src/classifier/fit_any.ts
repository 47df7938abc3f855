/** Training as options say. @module */

import { fitAuto } from "./fit_auto.ts";
import {
  fitByMethod,
  type MethodOptions,
  type Trained,
  type TrainingInputs,
} from "./fit_method.ts";
import type { FitOptions } from "./options.ts";

/** Options of {@linkcode fitAny}. */
export type AnyOptions =
  & Omit<MethodOptions, "method">
  & Pick<FitOptions, "method" | "budgetSeconds">;

/** Trains by the method that is asked for, or by the one that pays. */
export async function fitAny(
  inputs: TrainingInputs,
  { method, budgetSeconds, ...rest }: AnyOptions,
): Promise<Trained> {
  return method === "auto"
    ? await fitAuto(inputs, { ...rest, budgetSeconds })
    : await fitByMethod(inputs, { ...rest, method });
}
