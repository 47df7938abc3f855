/** Where a verb writes one file, or a folder of them. @module */

import { checkWritable, need } from "./paths.ts";
import { makeFolder, removeEmpty } from "./report_folder.ts";

/** A place that can be written to. Disposing it takes a folder away again that was made here and is still empty. */
export interface OutputFiles extends AsyncDisposable {
  /** Path of one of the files; of the only one, which has no name of its own, where there is no folder. */
  pathOf(name: string): string;
}

/**
 * Refuses a place that cannot be written to before the work begins.
 *
 * @param isFolder Whether `out` is a folder to be made, or one that is there; else it is a file.
 * @param inputs Paths that the verb reads.
 * @throws {UserError} When `out` cannot be written, or is an input.
 */
export async function openOutput(
  out: string,
  { isFolder, inputs, note }: {
    readonly isFolder: boolean;
    readonly inputs: readonly (string | undefined)[];
    readonly note: (line: string) => void;
  },
): Promise<OutputFiles> {
  if (!isFolder) {
    await checkWritable(out, note, inputs);
    return { pathOf: () => out, async [Symbol.asyncDispose]() {} };
  }
  await need("write", out, out);
  const made = await makeFolder(out);
  return {
    pathOf: (name) => `${out.replace(/[/\\]+$/, "") || "/"}/${name}`,
    [Symbol.asyncDispose]: () => removeEmpty(made),
  };
}
