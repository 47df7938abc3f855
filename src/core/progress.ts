/** How long work reports what it is doing. @module */

/** One report of long work; `done` never decreases within a `stage`. */
export interface Progress {
  /** What is being done, in words a user knows: `"download"`, `"features"`, `"probe"`, `"epoch"`. */
  readonly stage: string;
  /** Units finished so far (bytes, images, steps). */
  readonly done: number;
  /** Units in all, where known. */
  readonly total?: number;
  /** What the units are: `"bytes"`, `"images"`, `"epochs"`. */
  readonly unit?: string;
  /** Figures worth showing beside the count, for instance the running loss. */
  readonly detail?: Readonly<Record<string, number>>;
}

/** Options that every long operation takes. */
export interface ProgressOptions {
  /** Called with each report; must not throw. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops the work with the signal's reason. */
  readonly signal?: AbortSignal;
}
