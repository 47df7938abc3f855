/** What form pictures come in, found by looking. @module */

import { listKnown, UserError } from "../../core/errors.ts";
import { isPathList } from "./path_csv.ts";

/**
 * A folder of picture files, a zip archive of such, a pair of IDX files (MNIST's), a CSV of paths and labels, or a CSV of pixels.
 */
export type DataFormat = "folder" | "zip" | "idx" | "path-csv" | "pixel-csv";

/** All forms. */
export const DATA_FORMATS: readonly DataFormat[] = [
  "folder",
  "zip",
  "idx",
  "path-csv",
  "pixel-csv",
];

/**
 * The form of a file, by its content. What is none of the others is taken for a CSV of pixels, whose reader says what is wrong.
 *
 * @param head The first 4 KiB.
 *
 * @example
 * ```ts
 * import { formOf } from "./form.ts";
 * const text = (line: string) => formOf(new TextEncoder().encode(line));
 * if (await text("path,label\n") !== "path-csv") throw new Error();
 * if (await formOf(Uint8Array.of(0x50, 0x4b, 3, 4)) !== "zip") throw new Error();
 * ```
 */
export async function formOf(head: Uint8Array): Promise<DataFormat> {
  const start = String.fromCharCode(...head.subarray(0, 4));
  if (start === "PK\x03\x04" || start === "PK\x05\x06" || start === "PK\x07\x08") return "zip";
  if (isIdx(head)) return "idx";
  if (start.startsWith("\x1f\x8b") && isIdx(await gunzipHead(head))) return "idx";
  return isPathList(head) ? "path-csv" : "pixel-csv";
}

/** Refuses a name that is no form. @throws {UserError} */
export function checkFormat(format: string): void {
  if ((DATA_FORMATS as readonly string[]).includes(format)) return;
  throw new UserError(
    `Cannot open the data: format is ${JSON.stringify(format)}, expected ${
      listKnown(DATA_FORMATS)
    }`,
  );
}

/** Two zeros, the type of the numbers, how many sides they have. */
function isIdx([first, second, type, rank]: Uint8Array): boolean {
  return first === 0 && second === 0 && type >= 0x08 && type <= 0x0e && rank > 0 && rank < 9;
}

/** Compressed bytes that hold the first unpacked ones; they become 4 MB at the most. */
const PACKED_HEAD = 4096;

async function gunzipHead(head: Uint8Array): Promise<Uint8Array> {
  const { constants, gunzipSync } = await import("node:zlib");
  try {
    return gunzipSync(head.subarray(0, PACKED_HEAD), { finishFlush: constants.Z_SYNC_FLUSH }); // the head ends amid the file
  } catch {
    return new Uint8Array(0);
  }
}
