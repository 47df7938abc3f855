/** That there is no more memory. @module */

/** Largest heap that emscripten's allocator hands out: 4 GB less one page. */
export const MAX_HEAP = 4294901760;

/** Memory of the wasm backend has run out: a `RangeError`, as the language's own where a buffer is not to be had. */
export class OutOfMemory extends RangeError {
  /** Bytes that all of it would take; undefined where the binary did not say what it asked for. */
  readonly wanted: number | undefined;

  /**
   * With what was asked for, and what there is.
   *
   * @param held Bytes of the heap as it is.
   * @param asked Bytes that were asked for on top.
   */
  constructor(held: number, asked?: number) {
    const more = asked === undefined ? "" : `${asked} bytes more were asked for, `;
    super(
      `Cannot allocate memory on the wasm backend: ${more}the heap holds ${held} of at most ${MAX_HEAP} bytes; use smaller batches or dispose tensors`,
    );
    this.wanted = asked === undefined ? undefined : held + asked;
  }
}

/** What was wanted and what can be had: `30.6 GB of memory, and WebAssembly has 4.3 GB at most`. */
export function memoryInWords({ wanted }: OutOfMemory): string {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  // The heap may be full of pieces that are each too small.
  return wanted === undefined || wanted <= MAX_HEAP
    ? `more memory than the ${gigabytes(MAX_HEAP)} that WebAssembly has at most`
    : `${gigabytes(wanted)} of memory, and WebAssembly has ${gigabytes(MAX_HEAP)} at most`;
}
