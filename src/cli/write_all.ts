/** Writing to the streams of the process. @module */

/** Writes all of a text at once; what a reader that has gone would not read is left out. */
export function writeAll(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    // `graft predict … | head`: the reader has seen enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Writes to stderr, or to nobody: work is not given up because the disk of its log is full. */
export function writeToStderr(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // Where should it be told?
  }
}
