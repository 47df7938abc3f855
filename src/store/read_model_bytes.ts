/** The bytes of a saved model. @module */
import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { readFile } from "../core/read_file.ts";
import { shownText } from "../core/shown_source.ts";
import { fetchBytes } from "../weights/fetch_bytes.ts";
import { sizeFromHeader } from "../weights/safetensors_layout.ts";
import { checkModelKind } from "./check_model_kind.ts";
import { clip } from "../core/quoted.ts";

/** A model of EfficientNet-B0 has about 17 MB; 1,000 classes on all stages would add 8. */
const MAX_BYTES = 1 << 30;
/** Bytes by which a file's kind is told. */
const KIND_BYTES = 512;
/** Most that is downloaded; the header of a file says how much of it there is, and more is refused. */
const MAX_DOWNLOAD = 2 ** 28;

/**
 * Reads a model from where it lies.
 *
 * @param source Path, `file:` or `http(s):` URL, or the bytes themselves.
 * @param name What messages call it.
 * @throws {UserError} (rejects) When it is not there or cannot be read.
 */
export async function readModelBytes(
  source: string | URL | Uint8Array,
  name: string,
  { onProgress, signal }: ProgressOptions = {},
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (typeof source !== "string" && !(source instanceof URL)) {
    const advice = awaitAdvice(source);
    throw new UserError(
      `Cannot load a model: expected a path, an address or the bytes of a file, got ${
        givenKind(source)
      }${advice ? `; ${advice}` : ""}`,
    );
  }
  const fail = (detail: string, cause?: unknown) =>
    new UserError(`Cannot load model ${name}: ${detail}`, { cause });
  const text = String(source);
  try {
    if (/^https?:/i.test(text)) {
      return await fetchBytes(text, {
        maxBytes: MAX_DOWNLOAD,
        sizeOf(start) {
          if (start.length < KIND_BYTES) return undefined;
          checkModelKind(start, name);
          return sizeFromHeader(start, name);
        },
        hashed: true, // the manifest holds the hash of the tensors
        fetch,
        attempts: 3,
        retryDelayMs: 500,
        onProgress,
        signal,
      });
    }
    const path = /^file:/i.test(text) ? new URL(text) : text;
    const { size, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw fail("it is a folder; give the path of the file in it");
    if (size > MAX_BYTES) throw fail(`it has ${size} bytes, at most ${MAX_BYTES} are read`);
    return await readFile(path, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw fail("there is no such file; check the path", error);
    }
    throw fail(clip(shownText((error as Error).message)), error);
  }
}
