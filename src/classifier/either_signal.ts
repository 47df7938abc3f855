/** Signals of training. @module */

import type { FitOptions } from "./options.ts";

/** What breaks off work that leaves nothing to keep: both signals. */
export function eitherSignal(
  { signal, stop }: Pick<FitOptions, "signal" | "stop">,
): AbortSignal | undefined {
  return signal && stop ? AbortSignal.any([signal, stop]) : signal ?? stop;
}
