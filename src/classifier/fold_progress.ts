/** Progress of work on folds. @module */

import type { Progress } from "../core/progress.ts";

/** Progress of a fold as a part of the whole; that of a probe is over too soon to be told. */
export function ofFold(
  onProgress: (progress: Progress) => void,
  number: number,
  total: number,
): (progress: Progress) => void {
  return (progress) => {
    if (progress.stage === "probe") return;
    onProgress({ ...progress, stage: `fold ${number} of ${total}, ${progress.stage}` });
  };
}
