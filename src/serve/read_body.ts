/** The pictures in a request's body, within limits of size and time. @module */

import { Problem } from "./problem.ts";

/** Limits of {@linkcode readPictures}. */
export interface BodyLimits {
  /** Most bytes of a body. */
  readonly maxBodyBytes: number;
  /** Most pictures of a body. */
  readonly maxPictures: number;
  /** Time that a body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number;
}

/** What goes with the limits of {@linkcode readPictures}. */
export interface ReadingOptions extends BodyLimits {
  /** Counts bytes as they arrive. */
  readonly hold: (bytes: number) => void;
}

/** Bytes that all requests together may hold. */
export interface HeldBytes {
  /** @throws {Problem} When there is no room for as many. */
  take(bytes: number): void;
  /** Gives back what was taken. */
  give(bytes: number): void;
}

/** A count of the bytes that are held, at most `limit`. */
export function heldBytes(limit: number): HeldBytes {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > limit) {
        throw new Problem("busy", "too much is being read; try again in a second", {
          "retry-after": "1",
        });
      }
      held += bytes;
    },
    give(bytes) {
      held -= bytes;
    },
  };
}

/** What a body held. */
export interface Body {
  /** Picture files; whether they are any is not looked at yet. */
  readonly pictures: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes that arrived. */
  readonly bytes: number;
}

/**
 * Reads a body that is one picture file, or a form (`multipart/form-data`) with some. What a file is, its content tells and not its
 * type: `curl --data-binary` calls everything a form of another kind.
 *
 * A `content-length` is believed only where it says that the body is too large: what arrives is counted.
 *
 * @throws {Problem} When it is too large, too slow, empty, cut off, or no form where it says so.
 */
export async function readPictures(request: Request, limits: ReadingOptions): Promise<Body> {
  const type = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase() ?? "";
  const isForm = type === "multipart/form-data";
  const bytes = await readLimited(request, limits);
  if (bytes.length === 0) {
    throw new Problem("bad-request", "the body is empty; send a JPEG or PNG picture");
  }
  if (!isForm) return { pictures: [bytes], bytes: bytes.length };
  const pictures = await filesOf(bytes, request.headers.get("content-type")!);
  if (pictures.length === 0) {
    throw new Problem("bad-request", "the form has no file; send one or more as files");
  }
  if (pictures.length > limits.maxPictures) {
    throw new Problem(
      "too-many-pictures",
      `the form has ${pictures.length} files, expected at most ${limits.maxPictures}; send fewer at once`,
    );
  }
  return { pictures, bytes: bytes.length };
}

async function readLimited(
  request: Request,
  { maxBodyBytes, bodyTimeoutMs, hold }: ReadingOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () =>
    new Problem(
      "body-too-large",
      `the body is larger than ${maxBodyBytes} bytes; send less at once`,
    );
  if (Number(request.headers.get("content-length")) > maxBodyBytes) throw tooLarge();
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Problem(
            "body-too-slow",
            `the body took more than ${bodyTimeoutMs} ms; send it faster`,
          ),
        ),
      bodyTimeoutMs,
    );
  });
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), timeout]);
      if (done) break;
      length += value.length;
      if (length > maxBodyBytes) throw tooLarge();
      hold(value.length);
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // the rest is of no use; a connection that is gone cannot be told
    if (error instanceof Problem) throw error;
    throw new Problem("bad-request", "the body was cut off; send it again");
  } finally {
    clearTimeout(timer);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The files of a form; fields of text are passed over. */
async function filesOf(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<Uint8Array<ArrayBuffer>[]> {
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw new Problem(
      "bad-request",
      "the form cannot be read; send multipart/form-data with files",
    );
  }
  const files = [...form.values()].filter((value): value is File => typeof value !== "string");
  return await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer())));
}
